// SPDX-License-Identifier: Apache-2.0
#include "host/analyze/statistics.hpp"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <map>
#include <numeric>

namespace squat::analyze {
namespace {

constexpr double kTwoPi = 6.283185307179586;

/// ln of the standard normal distribution function. erfc keeps its precision in the lower tail.
double log_normal(double z) { return std::log(std::max(0.5 * std::erfc(-z / std::sqrt(2.0)), 1e-300)); }

/// Ranks from 1; equal values get the mean of theirs.
std::vector<double> ranks(const std::vector<double>& values) {
  std::vector<std::size_t> order(values.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) { return values[a] < values[b]; });
  std::vector<double> rank(values.size());
  for (std::size_t first = 0; first < order.size();) {
    std::size_t last = first + 1;
    while (last < order.size() && values[order[last]] == values[order[first]]) ++last;
    for (std::size_t i = first; i < last; ++i) rank[order[i]] = static_cast<double>(first + last + 1) / 2;
    first = last;
  }
  return rank;
}

double pearson(const std::vector<double>& x, const std::vector<double>& y) {
  const auto n = static_cast<double>(x.size());
  const double mean_x = std::accumulate(x.begin(), x.end(), 0.0) / n, mean_y = std::accumulate(y.begin(), y.end(), 0.0) / n;
  double xx = 0, yy = 0, xy = 0;
  for (std::size_t i = 0; i < x.size(); ++i) {
    xx += (x[i] - mean_x) * (x[i] - mean_x);
    yy += (y[i] - mean_y) * (y[i] - mean_y);
    xy += (x[i] - mean_x) * (y[i] - mean_y);
  }
  return xx > 0 && yy > 0 ? xy / std::sqrt(xx * yy) : 0;
}

}  // namespace

Moments moments(const std::vector<float>& values) {
  Moments m;
  m.count = values.size();
  if (values.empty()) return m;
  const auto n = static_cast<double>(values.size());
  for (const float v : values) m.mean += static_cast<double>(v) / n;
  double third = 0, fourth = 0;
  for (const float v : values) {
    const double d = static_cast<double>(v) - m.mean;
    m.variance += d * d / n;
    third += d * d * d / n;
    fourth += d * d * d * d / n;
  }
  if (!(m.variance > 0)) return m;
  m.skewness = third / std::pow(m.variance, 1.5);
  m.excess_kurtosis = fourth / (m.variance * m.variance) - 3;
  return m;
}

double jarque_bera(const Moments& m) {
  return static_cast<double>(m.count) / 6 * (m.skewness * m.skewness + m.excess_kurtosis * m.excess_kurtosis / 4);
}

double jarque_bera_p(double statistic) { return std::exp(-statistic / 2); }

NormalFit normal_fit(std::vector<float> values) {
  NormalFit fit;
  const Moments m = moments(values);
  if (values.size() < 8 || !(m.variance > 0)) return fit;
  std::sort(values.begin(), values.end());
  const auto n = static_cast<double>(values.size());
  const double deviation = std::sqrt(m.variance * n / (n - 1));
  const auto z = [&](std::size_t i) { return (static_cast<double>(values[i]) - m.mean) / deviation; };
  double sum = 0;
  for (std::size_t i = 0; i < values.size(); ++i) {
    const auto below = static_cast<double>(i);
    sum += (2 * below + 1) * (log_normal(z(i)) + log_normal(-z(values.size() - 1 - i)));
    const double expected = std::exp(log_normal(z(i)));
    fit.largest_distance = std::max({fit.largest_distance, expected - below / n, (below + 1) / n - expected});
  }
  fit.anderson_darling = (-n - sum / n) * (1 + 0.75 / n + 2.25 / (n * n));
  return fit;
}

double entropy_on_grid(const std::vector<float>& values, double step) {
  std::map<std::int64_t, std::size_t> counts;
  for (const float v : values) ++counts[std::llround(static_cast<double>(v) / step)];
  double entropy = 0;
  for (const auto& [code, count] : counts) {
    const double p = static_cast<double>(count) / static_cast<double>(values.size());
    entropy -= p * std::log2(p);
  }
  return entropy;
}

double normal_entropy(double variance, double step) {
  return 0.5 * std::log2(kTwoPi * std::exp(1.0) * variance) - std::log2(step);
}

Correlation correlation(const std::vector<double>& x, const std::vector<double>& y) {
  Correlation c;
  c.count = x.size();
  if (x.size() < 2) return c;
  c.pearson = pearson(x, y);
  c.spearman = pearson(ranks(x), ranks(y));
  c.low = -1;
  c.high = 1;
  if (x.size() > 3 && std::fabs(c.pearson) < 1) {
    const double z = std::atanh(c.pearson), half = 1.959963984540054 / std::sqrt(static_cast<double>(x.size()) - 3);
    c.low = std::tanh(z - half);
    c.high = std::tanh(z + half);
  }
  return c;
}

}  // namespace squat::analyze
