// SPDX-License-Identifier: Apache-2.0
// Where a width rule spends its 8 bits: shares by layer and position.
#pragma once

#include <vector>

#include "host/analyze/perplexities.hpp"

namespace squat::analyze {

struct WidthShare {
  int layer = 0;
  double share = 0;                 ///< of 8-bit tokens
  std::vector<double> by_position;  ///< the same in each part of the window, parts of equal length
};

/// Shares of a fake-quantised mixed model, one row per layer. `parts` at most the window.
std::vector<WidthShare> width_shares(const model::FloatModel& model, const reference::FakeQuant& fake, const StudyText& text,
                                     int parts);

}  // namespace squat::analyze
