// SPDX-License-Identifier: Apache-2.0
#include "qat/quant/clipping.hpp"

#include <algorithm>
#include <cmath>

namespace squat::qat {

template <typename S>
void clipping_round_back(S* x, std::ptrdiff_t ldx, const S* gy, std::ptrdiff_t ldg, int rows, int cols, Grid<S> g, S* gx,
                         std::ptrdiff_t ldgx, bool store, GridSums* sums) {
  const S inverse = S{1} / g.scale;
  double total = 0;
  for (int r = 0; r < rows; ++r, x += ldx, gy += ldg, gx += ldgx) {
    S sum = 0;
    for (int i = 0; i < cols; ++i) {
      const S v = x[i] * inverse, clamped = std::min(std::max(v, g.lo), g.hi), grad = gy[i];
      const bool inside = v == clamped;
      if (!inside) sum += grad * clamped;
      gx[i] = inside ? grad : S{0};
      if (store) x[i] = std::nearbyint(clamped) * g.scale;
    }
    total += static_cast<double>(sum);
  }
  sums->scale += total;
}

template void clipping_round_back(float*, std::ptrdiff_t, const float*, std::ptrdiff_t, int, int, Grid<float>, float*,
                                  std::ptrdiff_t, bool, GridSums*);
template void clipping_round_back(double*, std::ptrdiff_t, const double*, std::ptrdiff_t, int, int, Grid<double>, double*,
                                  std::ptrdiff_t, bool, GridSums*);

}  // namespace squat::qat
