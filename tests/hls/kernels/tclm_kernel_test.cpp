// SPDX-License-Identifier: Apache-2.0
// C simulation of the kernel tclm against the oracle, which sorts instead of counting ranks.
#include <algorithm>

#include "hls/kernels/tclm.hpp"
#include "hls/kernels/tclm_cycles.hpp"
#include "tests/catch.hpp"
#include "tests/oracle/exact.hpp"
#include "tests/support/expected_widths.hpp"

namespace oracle = squat::oracle;
using squat::hls::WidthRule;

namespace {

void check(WidthRule rule, const oracle::WidthQuestion& q) {
  const auto tokens = static_cast<unsigned>(q.scores.size());
  const std::vector<ap_uint<32>> scores(q.scores.begin(), q.scores.end());
  ::hls::stream<ap_uint<32>> table("table");
  ap_uint<32> total = 0, cycles = 0;
  tclm(scores.data(), table, &total, &cycles, static_cast<unsigned>(rule), tokens, q.first_position, q.rho_num, q.layer,
       q.threshold, q.seed, q.eight_before);
  const std::vector<int> want = squat::test::expected_widths(rule, q);
  const auto eight = static_cast<unsigned>(std::count(want.begin(), want.end(), 1));
  INFO("rule " << static_cast<int>(rule) << " tokens " << tokens << " rho " << q.rho_num << " position " << q.first_position);
  REQUIRE(table.size() == tokens + 1);
  CHECK(table.read() == (tokens << 8 | eight));
  CHECK(total == q.eight_before + eight);
  CHECK(cycles == squat::hls::tclm_iterations(rule, static_cast<int>(tokens), static_cast<int>(q.first_position)));
  unsigned next8 = 0, next4 = (eight + 15) / 16 * 16, wrong = 0;
  for (unsigned t = 0; t < tokens; ++t) {
    const unsigned slot = want[t] != 0 ? next8++ : next4++;
    if (table.read() != (static_cast<unsigned>(want[t]) << 16 | slot << 8 | t)) ++wrong;
  }
  CHECK(wrong == 0);
}

oracle::WidthQuestion question(std::mt19937& random, unsigned tokens, bool ties) {
  oracle::WidthQuestion q;
  for (unsigned i = 0; i < tokens; ++i) q.scores.push_back(ties ? random() % 3 : random());
  const int rhos[] = {0, 256, 512, 1024, static_cast<int>(random() % 1025)};
  q.rho_num = rhos[random() % 5];
  q.seed = static_cast<std::uint32_t>(random());
  q.layer = random() % 64;
  q.threshold = random() >> random() % 32;
  return q;
}

}  // namespace

TEST_CASE("tclm: every rule at every length from position 0", "[kernels]") {
  std::mt19937 random(41);
  for (unsigned tokens = 1; tokens <= 128; ++tokens) {
    for (int rule = 0; rule < 7; ++rule) check(static_cast<WidthRule>(rule), question(random, tokens, tokens % 3 == 0));
  }
}

TEST_CASE("tclm: later passes follow the share controller", "[kernels]") {
  std::mt19937 random(42);
  for (int i = 0; i < 300; ++i) {
    auto q = question(random, 1 + static_cast<unsigned>(random() % 128), i % 4 == 0);
    q.first_position = 1 + static_cast<int>(random() % (i % 5 == 0 ? 65535 : 896));
    q.eight_before = random() % 2 != 0
                         ? std::min<std::int64_t>(65000, q.first_position * q.rho_num / 1024 + static_cast<int>(random() % 9))
                         : static_cast<int>(random() % 65000);
    check(WidthRule::kBudget, q);
  }
}
