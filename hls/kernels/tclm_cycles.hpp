// SPDX-License-Identifier: Apache-2.0
// The cycle contract of tclm: iterations of the kernel's pipelined loops (its `cycles`), and the count of the RTL, squat_tclm,
// from start to idle, which adds the fill and drain of its stages (tests/rtl/hls_tclm_test.cpp).
#pragma once

#include "hls/kernels/shape.hpp"

namespace squat {
namespace hls {

/// The three kinds of passes.
enum class TclmPath : std::uint8_t { kUniform, kBudget, kRanked };

constexpr TclmPath tclm_path(WidthRule rule, int first_position) {
  return rule == WidthRule::kAll8 || rule == WidthRule::kAll4 ? TclmPath::kUniform
         : rule == WidthRule::kBudget || first_position > 0   ? TclmPath::kBudget
                                                              : TclmPath::kRanked;
}

/// Iterations: the table, a token a cycle; with a rule the scores, one a cycle; in a ranking 16 comparisons a cycle of each
/// token with the tokens it is ranked among: all, or with the prefix rule those up to itself.
constexpr int tclm_iterations(WidthRule rule, int tokens, int first_position) {
  const TclmPath path = tclm_path(rule, first_position);
  int cycles = tokens;
  if (path != TclmPath::kUniform) cycles += tokens;
  if (path == TclmPath::kRanked) {
    for (int i = 0; i < tokens; ++i) {
      const int seen = rule == WidthRule::kPrefix ? i + 1 : tokens;
      cycles += (seen + 15) / 16;
    }
  }
  return cycles;
}

/// Cycles in which squat_tclm is busy: 2 around the table; 9 for seed, score read and keys; 5 for the ranks.
constexpr int tclm_rtl_cycles(WidthRule rule, int tokens, int first_position) {
  const TclmPath path = tclm_path(rule, first_position);
  return tclm_iterations(rule, tokens, first_position) + 2 + (path != TclmPath::kUniform ? 9 : 0) +
         (path == TclmPath::kRanked ? 5 : 0);
}

}  // namespace hls
}  // namespace squat
