// SPDX-License-Identifier: Apache-2.0
// Rotary positions, rotate-half order. Included through tensor/kernels_body.hpp only.
#pragma once

#include <cstddef>

namespace squat::qat::SQUAT_QAT_ISA {

template <typename S>
void rotate(S* x, std::ptrdiff_t ld, int positions, int heads, int head_dim, const S* cosine, const S* sine, S direction) {
  const int half = head_dim / 2;
  for (int t = 0; t < positions; ++t, cosine += half, sine += half) {
    for (int h = 0; h < heads; ++h) {
      S* first = x + t * ld + h * head_dim;
      S* second = first + half;
      for (int i = 0; i < half; ++i) {
        const S a = first[i], b = second[i], s = direction * sine[i];
        first[i] = a * cosine[i] - b * s;
        second[i] = b * cosine[i] + a * s;
      }
    }
  }
}

}  // namespace squat::qat::SQUAT_QAT_ISA
