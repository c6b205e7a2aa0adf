// SPDX-License-Identifier: Apache-2.0
// Pseudo-quantisation noise: training passes add what rounding would lose on average, so that gradients need no
// straight-through estimate (NIPQ, arXiv 2206.00820; bit widths are given here, not learned).
#pragma once

#include <cstddef>
#include <cstdint>

#include "qat/tensor/kernels.hpp"

namespace squat::qat {

/// y = (v + n) * scale with v = x / scale where lo <= v <= hi, else the nearer end times scale; n is uniform in -1/2 .. 1/2.
/// n is a function of x and `salt`, so that the way back sees the same noise without storing it. Grids without zero point.
template <typename S>
void noise_round(const S* x, std::ptrdiff_t ldx, int rows, int cols, Grid<S> grid, std::uint32_t salt, S* y,
                 std::ptrdiff_t ldy);

/// gx = inside ? gy : 0 (gx may be gy); sums->scale += gy * (inside ? n : lo or hi); x becomes y when `store` is set.
template <typename S>
void noise_round_back(S* x, std::ptrdiff_t ldx, const S* gy, std::ptrdiff_t ldg, int rows, int cols, Grid<S> grid,
                      std::uint32_t salt, S* gx, std::ptrdiff_t ldgx, bool store, GridSums* sums);

/// A salt for one scale in one batch.
std::uint32_t noise_salt(std::uint64_t batch, std::size_t scale);

}  // namespace squat::qat
