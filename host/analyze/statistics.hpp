// SPDX-License-Identifier: Apache-2.0
// Descriptive statistics, tests of normality, entropy and correlation.
#pragma once

#include <cstddef>
#include <vector>

namespace squat::analyze {

struct Moments {
  std::size_t count = 0;
  double mean = 0;
  double variance = 0;         ///< divided by count
  double skewness = 0;         ///< third central moment / variance^1.5; 0 for a normal distribution
  double excess_kurtosis = 0;  ///< fourth central moment / variance^2 - 3; 0 for a normal distribution
};

/// All 0 behind the mean when every value is the same.
Moments moments(const std::vector<float>& values);

/// count / 6 * (skewness^2 + excess_kurtosis^2 / 4): about chi-square with two degrees of freedom for normal values (Jarque and
/// Bera 1980).
double jarque_bera(const Moments& m);
/// The probability of a larger statistic under normality: exp(-statistic / 2).
double jarque_bera_p(double statistic);

/// How far the values are from the normal distribution of their mean and variance (divided by n - 1).
struct NormalFit {
  /// Anderson and Darling's A^2 * (1 + 0.75 / n + 2.25 / n^2); normal values exceed 0.752 in 5 % of samples (Stephens 1986).
  double anderson_darling = 0;
  /// Largest distance between the distribution functions (Kolmogorov and Smirnov), 0..1: does not grow with n.
  double largest_distance = 0;
};
/// At least 8 values that differ, else all 0.
NormalFit normal_fit(std::vector<float> values);

/// Entropy in bits of the values rounded to multiples of `step`, however large.
double entropy_on_grid(const std::vector<float>& values, double step);
/// What entropy_on_grid approaches for normal values when the step is small: log2(2 pi e variance) / 2 - log2(step).
double normal_entropy(double variance, double step);

/// Correlation of x and y with its 95 % interval by Fisher's transformation; all 0 when one of them is constant.
struct Correlation {
  std::size_t count = 0;
  double pearson = 0, low = 0, high = 0;  ///< the interval is -1..1 for fewer than four pairs
  double spearman = 0;                    ///< of the ranks; equal values share their mean rank
};
Correlation correlation(const std::vector<double>& x, const std::vector<double>& y);

}  // namespace squat::analyze
