// SPDX-License-Identifier: Apache-2.0
// tclm commands of squat_vec against hls::assign_widths and hls::group_tokens, and against a naive oracle for the rank rules.
#include <algorithm>

#include "hls/softmax.hpp"
#include "hls/token_control.hpp"
#include "tests/rtl/vec_bench.hpp"

using namespace squat;
using namespace squat::rtl_test;
using hls::WidthRule;

namespace {

/// Gives the pass's tokens scores through softmax commands of one row each; returns what the unit has summed.
/// ties: the scores take few values.
std::vector<std::uint32_t> make_scores(VecBench& b, std::uint32_t tokens, bool ties) {
  std::vector<std::uint32_t> scores(tokens);
  const std::uint32_t words = (tokens + 15) / 16;
  for (std::uint32_t t = 0; t < tokens; ++t) {
    for (std::uint32_t j = 0; j <= t; ++j) {
      const auto s = static_cast<std::int32_t>(b.random() % (1 << 14));
      b.vector[t * words * 16 + j] =
          ties ? (j == 0 ? static_cast<std::int32_t>(b.random() % 3) * 40000 : (j < 2 ? 40000 : -1000000)) : s;
    }
    std::vector<std::uint8_t> codes(t + 1);
    hls::softmax_row(&b.vector[t * words * 16], static_cast<int>(t + 1), {100000, 20}, codes.data(), scores[t]);
  }
  b.run(Command(spec::kOpSoftmax)
            .set(spec::kSoftmaxFirstHead, 1)
            .set(spec::kSoftmaxTokens, tokens)
            .set(spec::kSoftmaxSStride, words)
            .set(spec::kSoftmaxM0, 100000)
            .set(spec::kSoftmaxS0, 20)
            .set(spec::kSoftmaxOStride, words * 16)
            .set(spec::kSoftmaxOWords, words));
  CHECK(b.error == -1);
  return scores;
}

struct TclmCase {
  hls::WidthParams params;
  std::uint32_t tokens = 1, position = 0, eight_before = 0;
  bool count = true;
};

Command tclm_command(const TclmCase& c, std::uint32_t table) {
  return Command(spec::kOpTclm)
      .set(spec::kTclmOutTable, table)
      .set(spec::kTclmRule, static_cast<std::uint32_t>(c.params.rule))
      .set(spec::kTclmCount, c.count)
      .set(spec::kTclmTokens, c.tokens)
      .set(spec::kTclmFirstPosition, c.position)
      .set(spec::kTclmRhoNum, c.params.rho_num)
      .set(spec::kTclmLayer, c.params.layer)
      .set(spec::kTclmThreshold, c.params.threshold)
      .set(spec::kTclmSeed, c.params.seed)
      .set(spec::kTclmEightBefore, c.eight_before);
}

std::uint64_t check_tclm(VecBench& b, const TclmCase& c, const std::vector<std::uint32_t>& scores) {
  const std::uint32_t table = b.below(2);
  b.reports.clear();
  const std::uint64_t cycles = b.run(tclm_command(c, table));
  CHECK(b.error == -1);
  std::vector<std::uint8_t> eight(c.tokens);
  const std::uint32_t total =
      hls::assign_widths(c.params, scores.data(), static_cast<int>(c.tokens), c.position, c.eight_before, eight.data());
  hls::Grouping grouping;
  hls::group_tokens(eight.data(), static_cast<int>(c.tokens), grouping);
  const VecBench::Table& t = b.tables[table];
  CHECK(t.count == c.tokens);
  CHECK(t.n8 == static_cast<std::uint32_t>(grouping.eight));
  std::size_t wrong = 0;
  for (std::uint32_t i = 0; i < c.tokens; ++i) {
    if (t.eight[i] != eight[i] || t.slot[i] != grouping.slot_of_token[i] || t.written[i] != 1) ++wrong;
  }
  CHECK(wrong == 0);
  if (c.count) {
    REQUIRE(b.reports.size() == 1);
    CHECK(b.reports[0].layer == c.params.layer);
    CHECK(b.reports[0].total == total);
    CHECK(b.reports[0].eight == static_cast<std::uint32_t>(grouping.eight));
    CHECK(b.reports[0].four == c.tokens - static_cast<std::uint32_t>(grouping.eight));
  } else {
    CHECK(b.reports.empty());
  }
  return cycles;
}

}  // namespace

TEST_CASE("tclm: every rule at every pass length from position 0") {
  VecBench b(31);
  for (std::uint32_t tokens = 1; tokens <= 128; ++tokens) {
    const bool ties = tokens % 3 == 0;
    const auto scores = make_scores(b, tokens, ties);
    for (std::uint32_t rule = 0; rule < 7; ++rule) {
      TclmCase c;
      const std::uint32_t rhos[] = {512, 256, 0, 1024, b.below(1025)};
      c.params = {static_cast<WidthRule>(rule), rhos[(tokens + rule) % 5], b.below(200000),
                  static_cast<std::uint32_t>(b.random()), b.below(64)};
      c.tokens = tokens;
      c.count = b.below(2) != 0;
      INFO("tokens " << tokens << " rule " << rule << " rho " << c.params.rho_num);
      check_tclm(b, c, scores);
    }
  }
}

TEST_CASE("tclm: later passes follow the budget controller") {
  VecBench b(32);
  for (int i = 0; i < 150; ++i) {
    TclmCase c;
    c.tokens = 1 + b.below(128);
    const auto scores = make_scores(b, c.tokens, i % 4 == 0);
    c.position = 1 + b.below((i % 5 == 0 ? 65535 : 896));
    const std::uint32_t rho = b.below(1025);
    // Around the share, where the controller works, and anywhere.
    c.eight_before = static_cast<std::uint32_t>(std::min<std::uint64_t>(
        65000, b.random() % 2 ? c.position * rho / 1024 + b.random() % 9 : b.random() % (c.position + 1)));
    c.params = {static_cast<WidthRule>(b.random() % 7), rho, static_cast<std::uint32_t>(b.random() >> (32 + b.random() % 32)),
                static_cast<std::uint32_t>(b.random()), b.below(64)};
    INFO("case " << i << " rule " << static_cast<int>(c.params.rule));
    check_tclm(b, c, scores);
  }
}

TEST_CASE("tclm: sequence keeps the best tokens, oracle by sorting") {
  VecBench b(33);
  for (const std::uint32_t tokens : {2U, 17U, 64U, 128U}) {
    const auto scores = make_scores(b, tokens, tokens == 64);
    TclmCase c;
    c.params = {WidthRule::kSequence, 300, 0, 0, 3};
    c.tokens = tokens;
    check_tclm(b, c, scores);
    std::vector<std::uint32_t> order(tokens - 1);
    for (std::uint32_t i = 0; i + 1 < tokens; ++i) order[i] = i + 1;
    std::stable_sort(order.begin(), order.end(), [&](std::uint32_t x, std::uint32_t y) { return scores[x] > scores[y]; });
    order.insert(order.begin(), 0);  // position 0 is always first
    const std::uint32_t kept = std::max(1U, (300 * tokens + 1023) / 1024);
    const auto& table = b.tables[b.tables[0].count == tokens && b.tables[0].n8 == kept ? 0 : 1];
    for (std::uint32_t i = 0; i < tokens; ++i) CHECK(table.eight[order[i]] == (i < kept ? 1 : 0));
  }
}

TEST_CASE("tclm: a reset at any time leaves nothing behind") {
  VecBench b(35);
  const auto scores = make_scores(b, 128, false);
  for (int i = 0; i < 140; ++i) {
    TclmCase c;
    c.params = {static_cast<WidthRule>(i % 7), b.below(1025), b.below(200000), static_cast<std::uint32_t>(b.random()), 5};
    c.tokens = 128;
    b.abandon(tclm_command(c, 0), b.below(1300));
    c.params.rule = static_cast<WidthRule>(i / 7 % 7);
    c.tokens = 1 + b.below(128);
    INFO("case " << i << " rule " << static_cast<int>(c.params.rule) << " tokens " << c.tokens);
    check_tclm(b, c, scores);
  }
}

TEST_CASE("tclm cycles") {
  VecBench b(34);
  const auto scores = make_scores(b, 128, false);
  for (std::uint32_t rule = 0; rule < 7; ++rule) {
    TclmCase c;
    c.params = {static_cast<WidthRule>(rule), 512, 20000, 1, 2};
    c.tokens = 128;
    const std::uint64_t cycles = check_tclm(b, c, scores);
    c.tokens = 1;
    WARN("tclm rule " << rule << ": 128 tokens " << cycles << " cycles, 1 token " << check_tclm(b, c, scores));
    CHECK(cycles <= 1024 + 2 * 128 + 30);
  }
}
