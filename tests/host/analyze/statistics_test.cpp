// SPDX-License-Identifier: Apache-2.0
// Statistics against values worked out by hand, published samples, and distributions whose answers are known.
#include "host/analyze/statistics.hpp"

#include <algorithm>
#include <cmath>
#include <functional>
#include <random>

#include "tests/catch.hpp"

namespace squat::analyze {
namespace {

std::vector<float> drawn(const std::function<double(std::mt19937_64&)>& draw, int count, std::uint64_t seed = 3) {
  std::mt19937_64 random(seed);
  std::vector<float> values;
  for (int i = 0; i < count; ++i) values.push_back(static_cast<float>(draw(random)));
  return values;
}

std::vector<float> normal_values(int count, double deviation = 1.0, std::uint64_t seed = 3) {
  return drawn([normal = std::normal_distribution<double>(0, deviation)](std::mt19937_64& r) mutable { return normal(r); },
               count, seed);
}

std::vector<float> laplace_values(int count) {
  return drawn(
      [](std::mt19937_64& r) {
        std::exponential_distribution<double> e(1.0);
        return e(r) - e(r);
      },
      count);
}

}  // namespace

TEST_CASE("moments of a few numbers") {
  // 1 2 3 10: mean 4, deviations -3 -2 -1 6: squares 50, cubes 180, fourth powers 1394, each over 4
  const Moments m = moments({1, 2, 3, 10});
  CHECK(m.count == 4);
  CHECK(m.mean == Approx(4));
  CHECK(m.variance == Approx(12.5));
  CHECK(m.skewness == Approx(45 / std::pow(12.5, 1.5)));
  CHECK(m.excess_kurtosis == Approx(348.5 / 156.25 - 3));
  CHECK(jarque_bera(m) == Approx(4.0 / 6 * (std::pow(m.skewness, 2) + std::pow(m.excess_kurtosis, 2) / 4)));
  CHECK(jarque_bera_p(5.991464547) == Approx(0.05));  // chi-square table, two degrees of freedom
  CHECK(moments({7, 7, 7}).variance == 0);
  CHECK(moments({7, 7, 7}).skewness == 0);
  CHECK(moments({}).count == 0);
}

TEST_CASE("tests of normality accept normal values and see heavy tails") {
  int rejected = 0, large = 0;
  constexpr int kSamples = 400;
  for (int s = 0; s < kSamples; ++s) {
    const std::vector<float> values = normal_values(200, 2.5, static_cast<std::uint64_t>(s) + 100);
    rejected += normal_fit(values).anderson_darling > 0.752;
    large += jarque_bera_p(jarque_bera(moments(values))) < 0.05;
  }
  CHECK(rejected > kSamples * 0.02);  // 5 % by construction
  CHECK(rejected < kSamples * 0.085);
  CHECK(large < kSamples * 0.085);
  const std::vector<float> heavy = laplace_values(2000);
  CHECK(normal_fit(heavy).anderson_darling > 5);
  CHECK(moments(heavy).excess_kurtosis == Approx(3).margin(0.9));
  // Laplace and normal of the same variance are 0.066 apart at most.
  CHECK(normal_fit(laplace_values(200000)).largest_distance == Approx(0.066).margin(0.006));
  CHECK(normal_fit(normal_values(200000)).largest_distance < 0.004);
}

TEST_CASE("Anderson-Darling term by term") {
  const std::vector<float> values = {2.5f, -1.0f, 0.25f, 3.0f, 0.5f, -2.0f, 1.75f, 0.0f, 5.0f, -0.5f};
  std::vector<double> sorted(values.begin(), values.end());
  std::sort(sorted.begin(), sorted.end());
  double mean = 0, squares = 0;
  for (const double v : sorted) mean += v / 10;
  for (const double v : sorted) squares += (v - mean) * (v - mean);
  const double deviation = std::sqrt(squares / 9);
  const auto below = [&](double v) {  // the normal distribution function by Simpson's rule
    const double z = (v - mean) / deviation;
    constexpr int kSteps = 20000;
    double sum = 0;
    for (int i = 0; i <= kSteps; ++i) {
      const double x = -10 + (z + 10) * i / kSteps;
      sum += (i == 0 || i == kSteps ? 1 : i % 2 == 1 ? 4 : 2) * std::exp(-x * x / 2);
    }
    return sum * (z + 10) / kSteps / 3 / std::sqrt(2 * 3.14159265358979323846);
  };
  double a = -10;
  for (int i = 1; i <= 10; ++i) {
    a -= (2 * i - 1) / 10.0 *
         (std::log(below(sorted[static_cast<std::size_t>(i - 1)])) +
          std::log(1 - below(sorted[static_cast<std::size_t>(10 - i)])));
  }
  CHECK(normal_fit(values).anderson_darling == Approx(a * (1 + 0.075 + 0.0225)).epsilon(1e-6));
  CHECK(normal_fit({1, 2, 3}).anderson_darling == 0);
}

TEST_CASE("entropy on a grid") {
  // Codes 0 0 1 2 with probabilities 1/2 1/4 1/4: 1.5 bits.
  CHECK(entropy_on_grid({0.1f, -0.2f, 1.1f, 1.9f}, 1.0) == Approx(1.5));
  CHECK(entropy_on_grid({5, 5, 5}, 0.25) == 0);
  std::vector<float> even;
  for (int i = 0; i < 1024; ++i) even.push_back(static_cast<float>(i % 16));
  CHECK(entropy_on_grid(even, 1.0) == Approx(4));
  CHECK(entropy_on_grid(normal_values(400000, 3.0), 0.25) == Approx(normal_entropy(9.0, 0.25)).margin(0.006));
  CHECK(normal_entropy(1.0, 1.0) == Approx(2.047095585));  // log2(2 pi e) / 2
}

TEST_CASE("correlations") {
  const std::vector<double> x = {1, 2, 3, 4, 5};
  // Deviations -2 -1 0 1 2 and 1.2 -0.8 0.2 -1.8 1.2 with y = 4 2 3 1 4: products sum to -1, squares 10 and 6.8.
  const Correlation c = correlation(x, {4, 2, 3, 1, 4});
  CHECK(c.count == 5);
  CHECK(c.pearson == Approx(-1 / std::sqrt(68.0)));
  // Ranks 4.5 2 3 1 4.5: products of the deviations sum to -1, squares 10 and 9.5.
  CHECK(c.spearman == Approx(-1 / std::sqrt(95.0)));
  const double z = std::atanh(c.pearson);
  CHECK(std::atanh(c.low) == Approx(z - 1.959964 / std::sqrt(2.0)));
  CHECK(std::atanh(c.high) == Approx(z + 1.959964 / std::sqrt(2.0)));
  CHECK(correlation(x, {10, 8, 6, 4, 2}).pearson == Approx(-1));
  CHECK(correlation(x, {1, 2, 4, 8, 16}).spearman == Approx(1));
  CHECK(correlation(x, {3, 3, 3, 3, 3}).pearson == 0);
}

}  // namespace squat::analyze
