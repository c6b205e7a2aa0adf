// SPDX-License-Identifier: Apache-2.0
#include "host/quantize/scale_search.hpp"

#include <cmath>
#include <random>

#include "tests/host/support.hpp"

namespace squat::quantize {
namespace {

std::vector<float> normal_values(std::size_t count, float spread, unsigned seed) {
  std::mt19937 random(seed);
  std::normal_distribution<float> normal(0.0f, spread);
  std::vector<float> x(count);
  for (float& v : x) v = normal(random);
  return x;
}

/// The definition, in double precision.
double exact_error(const std::vector<float>& x, double scale, int lo, int hi) {
  double sum = 0;
  for (const float v : x) {
    const double code = std::min(std::max(std::nearbyint(static_cast<double>(v) / scale), double(lo)), double(hi));
    sum += (static_cast<double>(v) - code * scale) * (static_cast<double>(v) - code * scale);
  }
  return sum / static_cast<double>(x.size());
}

}  // namespace

TEST_CASE("the reported error is the definition's") {
  for (const std::size_t count : {1u, 15u, 16u, 17u, 5000u}) {
    const auto x = normal_values(count, 0.3f, 1);
    CHECK(rounding_error(x.data(), x.size(), 0.11, -8, 7) == Approx(exact_error(x, 0.11, -8, 7)).epsilon(1e-4));
  }
}

TEST_CASE("no scale of a dense grid is better by more than half a percent") {
  for (const auto& [lo, hi] : {std::pair{-8, 7}, std::pair{-7, 7}, std::pair{-128, 127}}) {
    auto x = normal_values(3000, 0.7f, 2);
    x[10] = 9.0f;  // an outlier must not set the scale of 4-bit codes
    const ScaleFit fit = fit_scale(x, lo, hi);
    CHECK(fit.mse == Approx(exact_error(x, fit.scale, lo, hi)).epsilon(1e-3));
    for (double scale = 9.0 / hi; scale > 9.0 / hi / 100; scale *= 0.995)
      CHECK(fit.mse <= 1.005 * exact_error(x, scale, lo, hi));
  }
}

TEST_CASE("values on a grid give that grid") {
  std::vector<float> x;
  for (int i = -7; i <= 7; ++i) x.insert(x.end(), 20, 0.25f * static_cast<float>(i));
  const ScaleFit fit = fit_scale(x, -7, 7);
  CHECK(fit.scale == Approx(0.25));
  CHECK(fit.mse < 1e-12);
  CHECK(fit_scale(std::vector<float>(5, 0.0f), -7, 7).scale == 1.0);
}

}  // namespace squat::quantize
