// SPDX-License-Identifier: Apache-2.0
// Products of FP16 and FP32 weights with FP32 activations: what integer kernels are compared with.
#pragma once

#include <cstddef>
#include <vector>

namespace squat::backends::cpu {

/// Columns of weights and of activations are padded with zeros to a multiple of kFloatPad, rows of weights to one of
/// kFloatRows.
constexpr int kFloatPad = 16, kFloatRows = 8;

/// Where a weight stands: panels of kFloatRows rows, kFloatPad columns of every row in turn, so that a product reads one
/// stream.
constexpr std::size_t float_offset(int columns, int row, int col) {
  const auto block = static_cast<std::size_t>(row / kFloatRows) * static_cast<std::size_t>(columns / kFloatPad) +
                     static_cast<std::size_t>(col / kFloatPad);
  return (block * kFloatRows + static_cast<std::size_t>(row % kFloatRows)) * kFloatPad +
         static_cast<std::size_t>(col % kFloatPad);
}

/// out (tokens, rows) = x (tokens, columns) * weights^T, sums in FP32; their order depends on the instruction set.
struct FloatProduct {
  const void* weights = nullptr;  ///< at float_offset: FP16 bits or FP32
  int rows = 0;
  int columns = 0;  ///< a multiple of kFloatPad
  const float* x = nullptr;
  std::size_t stride = 0;
  int tokens = 0;
  float* out = nullptr;
  std::size_t out_stride = 0;
};

struct FloatKernels {
  const char* name;
  bool (*supported)();
  void (*half)(const FloatProduct&);    ///< FP16 weights
  void (*single)(const FloatProduct&);  ///< FP32 weights
};

/// Every set in this binary, the fastest first; "scalar" is the last.
const std::vector<const FloatKernels*>& float_kernel_sets();

/// The first of them that this processor has.
const FloatKernels& float_kernels();

const FloatKernels& float_kernels_plain();
const FloatKernels& float_kernels_v3();    ///< x86-64-v3: AVX2, F16C, FMA
const FloatKernels& float_kernels_v4();    ///< x86-64-v4: AVX-512
const FloatKernels& float_kernels_neon();  ///< 64-bit Arm

}  // namespace squat::backends::cpu
