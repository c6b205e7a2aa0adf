// SPDX-License-Identifier: Apache-2.0
// Test bench of tclm for C simulation and co-simulation in Vitis HLS. The ranking of rule `sequence` is checked by sorting,
// rule `budget` by its definition. Exit 0: all right.
#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <vector>

#include "hls/kernels/tclm.hpp"
#include "hls/kernels/tclm_cycles.hpp"

namespace {

using squat::hls::WidthRule;

int run(WidthRule rule, int tokens, int first_position, int rho) {
  static unsigned state = 7;
  hls::stream<ap_uint<32>> table("table");
  ap_uint<32> scores[128];
  std::vector<unsigned> score;
  for (int t = 0; t < tokens; ++t) {
    state = state * 1664525U + 1013904223U;
    score.push_back(state >> (t % 4 == 0 ? 28 : 12));
    scores[t] = score.back();
  }
  const unsigned threshold = 1U << 22, before = static_cast<unsigned>(first_position * rho / 1024);
  ap_uint<32> total = 0, cycles = 0;
  tclm(scores, table, &total, &cycles, static_cast<unsigned>(rule), static_cast<unsigned>(tokens),
       static_cast<unsigned>(first_position), static_cast<unsigned>(rho), 3, threshold, 11, before);

  std::vector<bool> want(static_cast<std::size_t>(tokens));
  if (rule == WidthRule::kSequence && first_position == 0) {
    std::vector<int> order;
    for (int t = 0; t < tokens; ++t) order.push_back(t);
    std::stable_sort(order.begin() + 1, order.end(),
                     [&](int a, int b) { return score[static_cast<std::size_t>(a)] > score[static_cast<std::size_t>(b)]; });
    const int kept = std::max(1, (rho * tokens + 1023) / 1024);
    for (int i = 0; i < kept; ++i) want[static_cast<std::size_t>(order[static_cast<std::size_t>(i)])] = true;
  } else {
    long used = before;
    for (int t = 0; t < tokens; ++t) {
      const long position = first_position + t;
      const bool asks =
          static_cast<unsigned long>(score[static_cast<std::size_t>(t)]) * static_cast<unsigned long>(position + 1) >=
          threshold;
      const long share = rho * (position + 1);
      const bool eight = position == 0 || (asks && 1024 * (used + 1) <= share + 1024) || 1024 * (used + 1) <= share - 1024;
      want[static_cast<std::size_t>(t)] = eight;
      used += eight ? 1 : 0;
    }
  }
  const unsigned count = static_cast<unsigned>(std::count(want.begin(), want.end(), true));
  unsigned next8 = 0, next4 = (count + 15) / 16 * 16;
  int wrong = table.read() == (static_cast<unsigned>(tokens) << 8 | count) ? 0 : 1;
  for (int t = 0; t < tokens; ++t) {
    const bool eight = want[static_cast<std::size_t>(t)];
    const unsigned slot = eight ? next8++ : next4++;
    if (table.read() != ((eight ? 1U : 0U) << 16 | slot << 8 | static_cast<unsigned>(t))) ++wrong;
  }
  if (total != before + count || cycles != squat::hls::tclm_iterations(rule, tokens, first_position)) ++wrong;
  std::printf("rule %d, %d tokens from %d: %u of 8 bit, %d wrong\n", static_cast<int>(rule), tokens, first_position, count,
              wrong);
  return wrong;
}

}  // namespace

int main() {
  int wrong = 0;
  wrong += run(WidthRule::kSequence, 128, 0, 512);
  wrong += run(WidthRule::kSequence, 17, 0, 300);
  wrong += run(WidthRule::kBudget, 64, 0, 256);
  wrong += run(WidthRule::kSequence, 20, 100, 700);  // a later pass: the share controller
  std::printf(wrong == 0 ? "passed\n" : "FAILED\n");
  return wrong == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
