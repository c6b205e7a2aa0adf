// SPDX-License-Identifier: Apache-2.0
#include "tests/oracle/ideal.hpp"

#include <algorithm>
#include <cmath>

namespace squat::oracle {

double sigmoid_linear(double x) { return x / (1.0 + std::exp(-x)); }

double gelu_tanh(double x) {
  return x * 0.5 * (1.0 + std::tanh(std::sqrt(2.0 / std::acos(-1.0)) * (x + 0.044715 * x * x * x)));
}

std::vector<double> rms_norm(const std::vector<double>& x, double eps, const std::vector<double>& gamma) {
  double squares = 0.0;
  for (const double v : x) squares += v * v;
  const double inverse = 1.0 / std::sqrt(squares / static_cast<double>(x.size()) + eps);
  std::vector<double> out;
  for (std::size_t i = 0; i < x.size(); ++i) out.push_back(x[i] * inverse * gamma[i]);
  return out;
}

std::vector<double> layer_norm(const std::vector<double>& x, double eps, const std::vector<double>& gamma,
                               const std::vector<double>& beta) {
  double mean = 0.0;
  for (const double v : x) mean += v / static_cast<double>(x.size());
  std::vector<double> out;
  for (const double v : x) out.push_back(v - mean);
  out = rms_norm(out, eps, gamma);
  for (std::size_t i = 0; i < x.size(); ++i) out[i] += beta[i];
  return out;
}

std::vector<double> softmax(const std::vector<double>& scores) {
  const double largest = *std::max_element(scores.begin(), scores.end());
  std::vector<double> out;
  double sum = 0.0;
  for (const double s : scores) {
    out.push_back(std::exp(s - largest));
    sum += out.back();
  }
  for (double& p : out) p /= sum;
  return out;
}

Factor factor_of(double value) {
  int s = 16 - static_cast<int>(std::floor(std::log2(value)));
  auto m = static_cast<std::uint32_t>(std::llround(std::ldexp(value, s)));
  if (m == 1U << 17) {
    m /= 2;
    --s;
  }
  return {m, static_cast<std::uint32_t>(s)};
}

void UnitError::add(double result, double ideal) {
  const double error = std::fabs(result - ideal);
  ++count_;
  if (error > 1.0) ++above_;
  if (result != std::floor(ideal + 0.5)) ++different_;
  largest_ = std::max(largest_, error);
}

}  // namespace squat::oracle
