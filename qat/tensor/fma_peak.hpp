// SPDX-License-Identifier: Apache-2.0
// The bound that no product in single precision passes: multiply-adds in registers, as many independent ones as a tile of
// panel_gemm.hpp has. Benchmarks compare with it. Included by kernels_body.hpp.
#pragma once

#include "qat/tensor/panel_gemm.hpp"

namespace squat::qat::SQUAT_QAT_ISA {

/// Does `rounds` rounds and returns the floating-point operations in them, two for each multiply-add.
inline double multiply_adds(long rounds) {
  constexpr int kSums = kTileRows * kTileVectors;
  volatile float factor = 0.5f, term = 1;  // unknown to the compiler, which would compute equal sums once
  Vector sum[kSums];
  for (int j = 0; j < kSums; ++j) sum[j] = Vector{} + term;
  const Vector a = Vector{} + factor, b = Vector{} + term;
  for (long i = 0; i < rounds; ++i) {
#pragma GCC unroll 24
    for (int j = 0; j < kSums; ++j) sum[j] = sum[j] * a + b;
  }
  for (int j = 0; j < kSums; ++j) term = term + sum[j][0];
  return 2.0 * kSums * kLanes * static_cast<double>(rounds);
}

}  // namespace squat::qat::SQUAT_QAT_ISA
