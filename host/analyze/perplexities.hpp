// SPDX-License-Identifier: Apache-2.0
// Perplexities of several roundings of one model.
#pragma once

#include <functional>
#include <optional>
#include <vector>

#include "host/reference_float/float_reference.hpp"

namespace squat::analyze {

/// Consecutive windows of a text.
struct StudyText {
  std::vector<int> ids;
  int window = 128;
  int max_windows = -1;  ///< only the first ones; -1 = all complete windows
  int windows() const;
  const int* start(int index) const { return ids.data() + static_cast<std::ptrdiff_t>(index) * window; }
};

struct StudyResult {
  double perplexity = 0;
  double eight_bit_share = 0;
};

/// One result per variant, an empty one is the model in floating point. `threads` share the variants.
std::vector<StudyResult> perplexities(const model::FloatModel& model,
                                      const std::vector<std::optional<reference::FakeQuant>>& variants, const StudyText& text,
                                      int threads, const std::function<void(int done, int total)>& progress = {});

}  // namespace squat::analyze
