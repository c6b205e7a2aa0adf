// SPDX-License-Identifier: Apache-2.0
// Quantisers forward and backward (Squat eq. 1-7; scale gradient: LSQ, arXiv 1902.08153). Included through
// tensor/kernels_body.hpp only.
#pragma once

#include <cstddef>

#include "qat/layers/math.hpp"
#include "qat/tensor/kernels.hpp"

namespace squat::qat::SQUAT_QAT_ISA {

template <typename S>
void round_grid(const S* x, std::ptrdiff_t ldx, int rows, int cols, Grid<S> g, S* y, std::ptrdiff_t ldy) {
  const S inverse = S{1} / g.scale;
  for (int r = 0; r < rows; ++r, x += ldx, y += ldy) {
    for (int i = 0; i < cols; ++i) {
      const S code = nearest(smaller(larger(x[i] * inverse + g.zero, g.lo), g.hi));
      y[i] = (code - g.zero) * g.scale;
    }
  }
}

/// Straight through where lo <= x / scale + zero <= hi, ends included; 0 outside (eq. 6-7 on the scaled value).
template <typename S>
void round_grid_back(S* x, std::ptrdiff_t ldx, const S* gy, std::ptrdiff_t ldg, int rows, int cols, Grid<S> g, S* gx,
                     std::ptrdiff_t ldgx, bool store, GridSums* sums) {
  const S inverse = S{1} / g.scale;
  double total = 0, outside_total = 0;
  for (int r = 0; r < rows; ++r, x += ldx, gy += ldg, gx += ldgx) {
    S sum = 0, outside_sum = 0;
    for (int i = 0; i < cols; ++i) {
      const S v = x[i] * inverse, grad = gy[i];
      const S wide = v + g.zero;
      const S clamped = smaller(larger(wide, g.lo), g.hi);
      const S value = nearest(clamped) - g.zero;
      const S kept = wide == clamped ? S{1} : S{0};
      const S inside = grad * kept;
      sum += grad * value - inside * v;
      outside_sum += grad - inside;
      gx[i] = inside;
      if (store) x[i] = value * g.scale;
    }
    total += static_cast<double>(sum);
    outside_total += static_cast<double>(outside_sum);
  }
  sums->scale += total;
  sums->zero -= outside_total * static_cast<double>(g.scale);
}

}  // namespace squat::qat::SQUAT_QAT_ISA
