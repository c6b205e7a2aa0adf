// SPDX-License-Identifier: Apache-2.0
#include "qat/optim/gradient_norm.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <vector>

namespace squat::qat {
namespace {

/// Eight sums side by side, so that the compiler may use vector instructions without reordering anything.
double sum_of_squares(const float* x, std::size_t count) {
  std::array<double, 8> sums{};
  std::size_t i = 0;
  for (; i + 8 <= count; i += 8) {
    for (std::size_t k = 0; k < 8; ++k) sums[k] += static_cast<double>(x[i + k]) * static_cast<double>(x[i + k]);
  }
  for (; i < count; ++i) sums[0] += static_cast<double>(x[i]) * static_cast<double>(x[i]);
  double total = 0;
  for (const double s : sums) total += s;
  return total;
}

}  // namespace

double gradient_norm(const ParameterSet& parameters, const ForEachBlock& for_each) {
  const std::size_t size = parameters.size();
  const int blocks = blocks_of(size);
  std::vector<double> sums(static_cast<std::size_t>(blocks));
  for_each(blocks, [&](int block) {
    const std::size_t begin = static_cast<std::size_t>(block) * kBlock;
    sums[static_cast<std::size_t>(block)] = sum_of_squares(parameters.gradients() + begin, std::min(kBlock, size - begin));
  });
  double total = 0;
  for (const double s : sums) total += s;
  return std::sqrt(total);
}

double clip_factor(double norm, double limit) {
  if (limit <= 0) return 1.0;
  return std::min(1.0, limit / (norm + 1e-6));
}

}  // namespace squat::qat
