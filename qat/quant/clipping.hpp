// SPDX-License-Identifier: Apache-2.0
// Learned clipping values (PACT, arXiv 1805.06085), in the signed form that activations of a transformer need.
#pragma once

#include <cstddef>

#include "qat/tensor/kernels.hpp"

namespace squat::qat {

/// As Kernels::round_back, but the scale learns from clipped values only: sums->scale += gy * (inside ? 0 : lo or hi).
/// With the clipping value A = hi * scale this is PACT's dy/dA = sign(x) where |x| > A, 0 elsewhere. Grids without zero point.
template <typename S>
void clipping_round_back(S* x, std::ptrdiff_t ldx, const S* gy, std::ptrdiff_t ldg, int rows, int cols, Grid<S> grid, S* gx,
                         std::ptrdiff_t ldgx, bool store, GridSums* sums);

}  // namespace squat::qat
