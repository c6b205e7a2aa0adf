// SPDX-License-Identifier: Apache-2.0
// The oracle's widths by the rule's name in hls/.
#pragma once

#include <vector>

#include "hls/token_control.hpp"
#include "tests/oracle/exact.hpp"

namespace squat::test {

/// 1 = 8 bit per token.
inline std::vector<int> expected_widths(hls::WidthRule rule, const oracle::WidthQuestion& q) {
  switch (rule) {
    case hls::WidthRule::kAll8:
      return std::vector<int>(q.scores.size(), 1);
    case hls::WidthRule::kAll4:
      return std::vector<int>(q.scores.size(), 0);
    case hls::WidthRule::kSequence:
      return oracle::sequence_widths(q);
    case hls::WidthRule::kBudget:
      return oracle::budget_widths(q);
    case hls::WidthRule::kPrefix:
      return oracle::prefix_widths(q);
    case hls::WidthRule::kRandom:
      return oracle::random_widths(q);
    default:
      return oracle::reversed_widths(q);
  }
}

}  // namespace squat::test
