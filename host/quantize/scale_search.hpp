// SPDX-License-Identifier: Apache-2.0
// The scale with the least squared rounding error. It is worth more than any training loss: facts in docs/reference/numbers.md.
#pragma once

#include <cstddef>
#include <vector>

namespace squat::quantize {

struct ScaleFit {
  double scale = 0;
  double mse = 0;  ///< mean of (x - scale * clamp(round(x / scale), lo, hi))^2
};

/// Mean squared error of rounding x to scale * (lo..hi).
double rounding_error(const float* x, std::size_t count, double scale, int lo, int hi);

/// Searches scales from the one that just covers the largest magnitude down to 1/256 of it, first coarsely on a sample, then
/// finely on all values. A tensor of zeros gets the scale 1.
ScaleFit fit_scale(const float* x, std::size_t count, int lo, int hi);
inline ScaleFit fit_scale(const std::vector<float>& x, int lo, int hi) { return fit_scale(x.data(), x.size(), lo, hi); }

}  // namespace squat::quantize
