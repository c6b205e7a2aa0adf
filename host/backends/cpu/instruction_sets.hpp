// SPDX-License-Identifier: Apache-2.0
// The compiled tables, one translation unit each.
#pragma once

#include "host/backends/cpu/kernel_set.hpp"

namespace squat::backends::cpu {

const VectorUnits& units_baseline();
const VectorUnits& units_v3();  ///< x86-64-v3: AVX2
const VectorUnits& units_v4();  ///< x86-64-v4: AVX-512 F, BW, CD, DQ, VL

const KernelSet& kernels_scalar();
const KernelSet& kernels_avx2();
const KernelSet& kernels_avx512vnni();
const KernelSet& kernels_neon();     ///< ARMv8.0
const KernelSet& kernels_mkmp();     ///< ARMv8.0, two concatenated 4-bit weights a 32-bit lane
const KernelSet& kernels_dotprod();  ///< ARMv8.2 dot product
const KernelSet& kernels_i8mm();     ///< ARMv8.6 int8 matrix multiplication

}  // namespace squat::backends::cpu
