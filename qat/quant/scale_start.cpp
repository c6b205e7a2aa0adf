// SPDX-License-Identifier: Apache-2.0
#include "qat/quant/scale_start.hpp"

#include <algorithm>
#include <cmath>
#include <vector>

#include "host/quantize/scale_search.hpp"

namespace squat::qat {
namespace {

double least_squares(const float* x, std::size_t count, int lo, int hi) { return quantize::fit_scale(x, count, lo, hi).scale; }
double least_squares(const double* x, std::size_t count, int lo, int hi) {
  const std::vector<float> narrow(x, x + count);
  return quantize::fit_scale(narrow, lo, hi).scale;
}

}  // namespace

template <typename S>
double start_scale(ScaleStart start, const S* x, std::size_t count, int lo, int hi) {
  if (start == ScaleStart::kMse) return least_squares(x, count, lo, hi);
  double sum = 0, largest = 0;
  for (std::size_t i = 0; i < count; ++i) {
    const double magnitude = std::fabs(static_cast<double>(x[i]));
    sum += magnitude;
    largest = std::max(largest, magnitude);
  }
  if (!(largest > 0)) return 1.0;
  return start == ScaleStart::kAbsMax ? largest / hi : 2.0 * sum / static_cast<double>(count) / std::sqrt(hi);
}

template <typename S>
double start_zero_point(const S* x, std::size_t count, double scale, int lo) {
  if (count == 0) return 0.0;
  return 0.1 * (static_cast<double>(*std::min_element(x, x + count)) - scale * lo);
}

double scale_gradient_factor(ScaleGradient rule, double elements, double hi) {
  return rule == ScaleGradient::kNone ? 1.0 : 1.0 / std::sqrt(elements * hi);
}

template double start_scale(ScaleStart, const float*, std::size_t, int, int);
template double start_scale(ScaleStart, const double*, std::size_t, int, int);
template double start_zero_point(const float*, std::size_t, double, int);
template double start_zero_point(const double*, std::size_t, double, int);

}  // namespace squat::qat
