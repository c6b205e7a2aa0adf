// SPDX-License-Identifier: Apache-2.0
// Causal softmax of attention scores. Included through tensor/kernels_body.hpp only.
#pragma once

#include <cstddef>

#include "qat/layers/math.hpp"

namespace squat::qat::SQUAT_QAT_ISA {

template <typename S>
void softmax_causal(S* s, int length, int first, int last, S scale) {
  for (int r = first; r < last; ++r) {
    S* row = s + static_cast<std::ptrdiff_t>(r) * length;
    S top = row[0];
    for (int j = 1; j <= r; ++j) top = larger(top, row[j]);
    S sum = 0;
    for (int j = 0; j <= r; ++j) {
      row[j] = exponential((row[j] - top) * scale);
      sum += row[j];
    }
    const S inverse = S{1} / sum;
    for (int j = 0; j <= r; ++j) row[j] *= inverse;
    for (int j = r + 1; j < length; ++j) row[j] = 0;
  }
}

template <typename S>
void softmax_causal_back(const S* p, S* dp, int length, int first, int last, S scale) {
  for (int r = first; r < last; ++r) {
    const S* row = p + static_cast<std::ptrdiff_t>(r) * length;
    S* d = dp + static_cast<std::ptrdiff_t>(r) * length;
    S dot = 0;
    for (int j = 0; j <= r; ++j) dot += d[j] * row[j];
    for (int j = 0; j <= r; ++j) d[j] = scale * row[j] * (d[j] - dot);
    for (int j = r + 1; j < length; ++j) d[j] = 0;
  }
}

}  // namespace squat::qat::SQUAT_QAT_ISA
