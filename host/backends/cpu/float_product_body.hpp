// SPDX-License-Identifier: Apache-2.0
// The loops of float products, compiled once per instruction set: the including file defines the vector type. Everything here
// has internal linkage, so that no set's code is linked into another.
#pragma once

#include "host/backends/cpu/float_kernels.hpp"

namespace squat::backends::cpu {
namespace {

/// kRows rows of a panel from row `row` on, times kTokens tokens, every sum in a vector register. Vector offers kLanes,
/// kTileRows, kTileTokens, zero(), load() of both kinds of weights, multiply_add(sum, w, x) and total().
template <typename Vector, typename Weight, int kRows, int kTokens>
void float_block(const FloatProduct& p, int row, int token) {
  const Weight* w = static_cast<const Weight*>(p.weights) + float_offset(p.columns, row, 0);
  // Unrolled first, so that every element of an array is a register.
  const float* x[kTokens];
  Vector sum[kRows][kTokens];
#pragma GCC unroll 8
  for (int t = 0; t < kTokens; ++t) x[t] = p.x + static_cast<std::size_t>(token + t) * p.stride;
#pragma GCC unroll 8
  for (int r = 0; r < kRows; ++r) {
#pragma GCC unroll 8
    for (int t = 0; t < kTokens; ++t) sum[r][t] = Vector::zero();
  }
  for (int c = 0; c < p.columns; c += kFloatPad, w += kFloatRows * kFloatPad) {
#pragma GCC unroll 4
    for (int part = 0; part < kFloatPad; part += Vector::kLanes) {
      Vector activations[kTokens];
#pragma GCC unroll 8
      for (int t = 0; t < kTokens; ++t) {
        activations[t] = Vector::load(x[t]);
        x[t] += Vector::kLanes;
      }
#pragma GCC unroll 8
      for (int r = 0; r < kRows; ++r) {
        const Vector weights = Vector::load(w + r * kFloatPad + part);
#pragma GCC unroll 8
        for (int t = 0; t < kTokens; ++t) sum[r][t] = Vector::multiply_add(sum[r][t], weights, activations[t]);
      }
    }
  }
#pragma GCC unroll 8
  for (int t = 0; t < kTokens; ++t) {
    float* out = p.out + static_cast<std::size_t>(token + t) * p.out_stride + row;
#pragma GCC unroll 8
    for (int r = 0; r < kRows; ++r) {
      if (row + r < p.rows) out[r] = sum[r][t].total();
    }
  }
}

/// A tile of rows and tokens shares loads and conversions; the rows of a panel hide the latency of a single token's sums.
template <typename Vector, typename Weight>
void float_product(const FloatProduct& p) {
  constexpr int kTileRows = Vector::kTileRows, kTileTokens = Vector::kTileTokens;
  int t = 0;
  for (; t + kTileTokens <= p.tokens; t += kTileTokens) {
    for (int row = 0; row < p.rows; row += kTileRows) float_block<Vector, Weight, kTileRows, kTileTokens>(p, row, t);
  }
  for (; t < p.tokens; ++t) {
    for (int row = 0; row < p.rows; row += kFloatRows) float_block<Vector, Weight, kFloatRows, 1>(p, row, t);
  }
}

}  // namespace
}  // namespace squat::backends::cpu
