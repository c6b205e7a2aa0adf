// SPDX-License-Identifier: Apache-2.0
// The loops of float products, compiled once per instruction set: the including file defines the vector type. Everything here
// has internal linkage, so that no set's code is linked into another.
#pragma once

#include "host/backends/cpu/float_kernels.hpp"

namespace squat::backends::cpu {
namespace {

/// Rows times tokens, every sum in a vector register. Vector offers kLanes, zero(), load(const float*), load(const Half*),
/// sum + w * x, and total().
template <typename Vector, typename Weight, int kRows, int kTokens>
void float_block(const FloatProduct& p, int row, int token) {
  // One pointer each, which loads move on; unrolled first, so that every element of an array is a register.
  const Weight* w[kRows];
  const float* x[kTokens];
  Vector sum[kRows][kTokens];
#pragma GCC unroll 8
  for (int t = 0; t < kTokens; ++t) x[t] = p.x + static_cast<std::size_t>(token + t) * p.stride;
#pragma GCC unroll 8
  for (int r = 0; r < kRows; ++r) {
    w[r] = static_cast<const Weight*>(p.weights) + static_cast<std::size_t>(row + r) * static_cast<std::size_t>(p.columns);
#pragma GCC unroll 8
    for (int t = 0; t < kTokens; ++t) sum[r][t] = Vector::zero();
  }
  for (int c = 0; c < p.columns; c += Vector::kLanes) {
    Vector activations[kTokens];
#pragma GCC unroll 8
    for (int t = 0; t < kTokens; ++t) {
      activations[t] = Vector::load(x[t]);
      x[t] += Vector::kLanes;
    }
#pragma GCC unroll 8
    for (int r = 0; r < kRows; ++r) {
      const Vector weights = Vector::load(w[r]);
      w[r] += Vector::kLanes;
#pragma GCC unroll 8
      for (int t = 0; t < kTokens; ++t) sum[r][t] = Vector::multiply_add(sum[r][t], weights, activations[t]);
    }
  }
#pragma GCC unroll 8
  for (int t = 0; t < kTokens; ++t) {
    float* out = p.out + static_cast<std::size_t>(token + t) * p.out_stride + row;
#pragma GCC unroll 8
    for (int r = 0; r < kRows; ++r) out[r] = sum[r][t].total();
  }
}

/// Eight rows hide the latency of one token's sums; a tile of rows and tokens shares loads and conversions.
template <typename Vector, typename Weight>
void float_product(const FloatProduct& p) {
  constexpr int kTile = Vector::kTile, kManyRows = 8;
  int t = 0;
  for (; t + kTile <= p.tokens; t += kTile) {
    int row = 0;
    for (; row + kTile <= p.rows; row += kTile) float_block<Vector, Weight, kTile, kTile>(p, row, t);
    for (; row < p.rows; ++row) float_block<Vector, Weight, 1, kTile>(p, row, t);
  }
  for (; t < p.tokens; ++t) {
    int row = 0;
    for (; row + kManyRows <= p.rows; row += kManyRows) float_block<Vector, Weight, kManyRows, 1>(p, row, t);
    for (; row < p.rows; ++row) float_block<Vector, Weight, 1, 1>(p, row, t);
  }
}

}  // namespace
}  // namespace squat::backends::cpu
