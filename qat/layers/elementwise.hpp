// SPDX-License-Identifier: Apache-2.0
// Sums and additions. Included through tensor/kernels_body.hpp only.
#pragma once

#include <cstddef>

namespace squat::qat::SQUAT_QAT_ISA {

template <typename S>
void add_bias(S* y, int rows, int width, const S* bias) {
  for (int r = 0; r < rows; ++r, y += width) {
    for (int j = 0; j < width; ++j) y[j] += bias[j];
  }
}

template <typename S>
void column_sum(const S* x, int rows, int width, S* out) {
  for (int r = 0; r < rows; ++r, x += width) {
    for (int j = 0; j < width; ++j) out[j] += x[j];
  }
}

template <typename S>
void add_scaled(S* y, const S* x, std::size_t count, S factor) {
  for (std::size_t i = 0; i < count; ++i) y[i] += factor * x[i];
}

/// Blocks of 1024 in S, their sums in double.
template <typename S>
void dots(const S* x, const S* y, std::size_t count, double* out) {
  double xy = 0, xx = 0, yy = 0;
  for (std::size_t at = 0; at < count; at += 1024) {
    const std::size_t n = count - at < 1024 ? count - at : 1024;
    S a = 0, b = 0, c = 0;
    for (std::size_t i = at; i < at + n; ++i) {
      a += x[i] * y[i];
      b += x[i] * x[i];
      c += y[i] * y[i];
    }
    xy += static_cast<double>(a);
    xx += static_cast<double>(b);
    yy += static_cast<double>(c);
  }
  out[0] = xy;
  out[1] = xx;
  out[2] = yy;
}

}  // namespace squat::qat::SQUAT_QAT_ISA
