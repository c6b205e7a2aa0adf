// SPDX-License-Identifier: Apache-2.0
// Ideal values of the nonlinear units in double precision (libm), and the criterion the integer units must meet against them.
#pragma once

#include <cstdint>
#include <vector>

namespace squat::oracle {

double sigmoid_linear(double x);  ///< x / (1 + e^-x)
double gelu_tanh(double x);       ///< x/2 (1 + tanh(sqrt(2/pi) (x + 0.044715 x^3)))

/// x / sqrt(mean(x^2) + eps) * gamma, one value per element.
std::vector<double> rms_norm(const std::vector<double>& x, double eps, const std::vector<double>& gamma);

/// (x - mean) / sqrt(variance + eps) * gamma + beta, one value per element.
std::vector<double> layer_norm(const std::vector<double>& x, double eps, const std::vector<double>& gamma,
                               const std::vector<double>& beta);

/// Probabilities of scores already multiplied by their real scale (natural exponent).
std::vector<double> softmax(const std::vector<double>& scores);

/// A real factor as the multiplier and shift of a requantisation: m = round(factor * 2^s), 2^16 <= m < 2^17.
struct Factor {
  std::uint32_t m = 0;
  std::uint32_t s = 0;
};
Factor factor_of(double value);

/// Collects |result - ideal| in units of the output grid. The criterion: at most 1 unit for 99.9 % of the inputs, never more
/// than 2.
class UnitError {
 public:
  void add(double result, double ideal);
  double largest() const { return largest_; }
  double share_above_one() const { return count_ == 0 ? 0.0 : static_cast<double>(above_) / static_cast<double>(count_); }
  /// Share of results that are not the ideal value's nearest integer.
  double share_different() const { return count_ == 0 ? 0.0 : static_cast<double>(different_) / static_cast<double>(count_); }
  bool within_criterion() const { return count_ > 0 && largest_ <= 2.0 && share_above_one() <= 0.001; }

 private:
  std::uint64_t count_ = 0, above_ = 0, different_ = 0;
  double largest_ = 0.0;
};

}  // namespace squat::oracle
