// SPDX-License-Identifier: Apache-2.0
#include "host/quantize/scale_search.hpp"

#include <algorithm>
#include <cmath>

namespace squat::quantize {
namespace {

constexpr std::size_t kSample = 65536;

/// The best of scale = centre * 2^(i * step), i = -reach..reach.
ScaleFit best_around(const float* x, std::size_t count, int lo, int hi, double centre, double step, int reach_down,
                     int reach_up) {
  ScaleFit best{centre, HUGE_VAL};
  for (int i = -reach_down; i <= reach_up; ++i) {
    const double scale = centre * std::exp2(i * step);
    const double mse = rounding_error(x, count, scale, lo, hi);
    if (mse < best.mse) best = {scale, mse};
  }
  return best;
}

}  // namespace

double rounding_error(const float* x, std::size_t count, double scale, int lo, int hi) {
  constexpr float kMagic = 0x1.8p23f;  // rounds to the nearest integer, halves to even
  constexpr std::size_t kLanes = 16, kBlock = 4096;
  const auto step = static_cast<float>(scale), inverse = static_cast<float>(1.0 / scale);
  const auto low = static_cast<float>(lo), high = static_cast<float>(hi);
  double total = 0;
  for (std::size_t at = 0; at < count; at += kBlock) {
    const std::size_t n = std::min(kBlock, count - at);
    float lanes[kLanes] = {};
    for (std::size_t i = 0; i < n; i += kLanes) {
      const std::size_t width = std::min(kLanes, n - i);
      float v[kLanes] = {};
      std::copy_n(x + at + i, width, v);  // lanes beyond the end stay 0, which every grid represents
      for (std::size_t j = 0; j < kLanes; ++j) {
        const float code = (std::min(std::max(v[j] * inverse, low), high) + kMagic) - kMagic;
        const float error = v[j] - code * step;
        lanes[j] += error * error;
      }
    }
    for (const float lane : lanes) total += static_cast<double>(lane);
  }
  return count == 0 ? 0.0 : total / static_cast<double>(count);
}

ScaleFit fit_scale(const float* x, std::size_t count, int lo, int hi) {
  float largest = 0;
  for (std::size_t i = 0; i < count; ++i) largest = std::max(largest, std::fabs(x[i]));
  if (!(largest > 0)) return {1.0, 0.0};
  std::vector<float> sample;
  const std::size_t stride = (count + kSample - 1) / kSample;
  for (std::size_t i = 0; i < count; i += stride) sample.push_back(x[i]);
  const double covering = static_cast<double>(largest) / hi;
  const ScaleFit coarse = best_around(sample.data(), sample.size(), lo, hi, covering, 1.0 / 8, 64, 0);
  const ScaleFit middle = best_around(x, count, lo, hi, coarse.scale, 1.0 / 64, 8, 8);
  return best_around(x, count, lo, hi, middle.scale, 1.0 / 512, 4, 4);
}

}  // namespace squat::quantize
