// SPDX-License-Identifier: Apache-2.0
// Co-simulation of the kernel tclm with squat_tclm: the same table, word by word, and the contracted cycles.
#include <random>
#include <vector>

#include "Vsquat_tclm.h"
#include "hls/kernels/tclm.hpp"
#include "hls/kernels/tclm_cycles.hpp"
#include "tests/catch.hpp"

namespace {

using squat::hls::WidthRule;

struct Question {
  WidthRule rule = WidthRule::kAll8;
  std::uint32_t tokens = 1, first_position = 0, rho_num = 0, layer = 0, threshold = 0, seed = 0, eight_before = 0;
  std::vector<std::uint32_t> scores;
};

struct Answer {
  std::vector<std::uint32_t> table;  ///< as the kernel writes it
  std::uint32_t total = 0, cycles = 0;
};

Answer ask_kernel(const Question& q) {
  const std::vector<ap_uint<32>> scores(q.scores.begin(), q.scores.end());
  ::hls::stream<ap_uint<32>> table("table");
  ap_uint<32> total = 0, cycles = 0;
  tclm(scores.data(), table, &total, &cycles, static_cast<unsigned>(q.rule), q.tokens, q.first_position, q.rho_num, q.layer,
       q.threshold, q.seed, q.eight_before);
  Answer a;
  a.total = static_cast<std::uint32_t>(total);
  a.cycles = static_cast<std::uint32_t>(cycles);
  while (!table.empty()) a.table.push_back(static_cast<std::uint32_t>(table.read()));
  return a;
}

/// squat_tclm from reset; one run after another.
class Rtl {
 public:
  Rtl() {
    top_.rst_ni = top_.start_i = 0;
    for (int i = 0; i < 3; ++i) clock();
    top_.rst_ni = 1;
    clock();
  }
  ~Rtl() { top_.final(); }

  Answer ask(const Question& q) {
    top_.rule_i = static_cast<unsigned>(q.rule) & 7U;
    top_.count_i = 1;
    top_.tokens_i = static_cast<std::uint8_t>(q.tokens);
    top_.first_position_i = static_cast<std::uint16_t>(q.first_position);
    top_.rho_num_i = q.rho_num & 2047U;
    top_.layer_i = q.layer & 63U;
    top_.threshold_i = q.threshold;
    top_.seed_i = q.seed;
    top_.eight_before_i = static_cast<std::uint16_t>(q.eight_before);
    Answer a;
    top_.start_i = 1;
    clock();  // the pulse itself
    top_.start_i = 0;
    while (top_.busy_o) {
      REQUIRE(a.cycles < 5000);
      ++a.cycles;
      if (top_.tt_wr_start_o) a.table.push_back(static_cast<std::uint32_t>(top_.tt_wr_count_o << 8 | top_.tt_wr_n8_o));
      if (top_.tt_wr_valid_o)
        a.table.push_back(static_cast<std::uint32_t>(top_.tt_wr_eight_o << 16 | top_.tt_wr_slot_o << 8 | top_.tt_wr_token_o));
      if (top_.rep_valid_o) a.total = top_.rep_total_o;
      const bool reading = top_.score_en_o != 0;
      const std::uint32_t token = top_.score_token_o;
      clock();
      top_.score_i = reading ? q.scores.at(token) : 0xdeadbeefU;
      top_.eval();
    }
    return a;
  }

 private:
  void clock() {
    top_.clk_i = 0;
    top_.eval();
    top_.clk_i = 1;
    top_.eval();
  }
  Vsquat_tclm top_;
};

Question question(std::mt19937& random, WidthRule rule, std::uint32_t tokens) {
  Question q;
  q.rule = rule;
  q.tokens = tokens;
  const auto draw = [&random](std::uint32_t count) { return static_cast<std::uint32_t>(random() % count); };
  const std::uint32_t rhos[] = {0, 256, 512, 1024, draw(1025)};
  q.rho_num = rhos[draw(5)];
  q.layer = draw(64);
  q.seed = static_cast<std::uint32_t>(random());
  q.threshold = static_cast<std::uint32_t>(random()) >> draw(32);
  const bool ties = draw(3) == 0;
  for (std::uint32_t i = 0; i < tokens; ++i) q.scores.push_back(ties ? draw(3) : static_cast<std::uint32_t>(random()));
  return q;
}

void check(Rtl& rtl, const Question& q) {
  const Answer kernel = ask_kernel(q), hardware = rtl.ask(q);
  INFO("rule " << static_cast<int>(q.rule) << " tokens " << q.tokens << " rho " << q.rho_num << " position "
               << q.first_position);
  CHECK(hardware.table == kernel.table);
  CHECK(hardware.total == kernel.total);
  const auto tokens = static_cast<int>(q.tokens), first = static_cast<int>(q.first_position);
  CHECK(kernel.cycles == static_cast<std::uint32_t>(squat::hls::tclm_iterations(q.rule, tokens, first)));
  CHECK(hardware.cycles == static_cast<std::uint32_t>(squat::hls::tclm_rtl_cycles(q.rule, tokens, first)));
}

}  // namespace

TEST_CASE("co-simulation: every rule at every length") {
  Rtl rtl;
  std::mt19937 random(51);
  for (std::uint32_t tokens = 1; tokens <= 128; ++tokens) {
    for (int rule = 0; rule < 7; ++rule) check(rtl, question(random, static_cast<WidthRule>(rule), tokens));
  }
}

TEST_CASE("co-simulation: later passes") {
  Rtl rtl;
  std::mt19937 random(52);
  for (int i = 0; i < 300; ++i) {
    Question q = question(random, static_cast<WidthRule>(i % 7), 1 + static_cast<std::uint32_t>(random() % 128));
    q.first_position = 1 + static_cast<std::uint32_t>(random() % (i % 5 == 0 ? 65000 : 896));
    q.eight_before = static_cast<std::uint32_t>(random() % 2 != 0 ? q.first_position * q.rho_num / 1024 : random() % 65000);
    check(rtl, q);
  }
}
