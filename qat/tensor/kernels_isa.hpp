// SPDX-License-Identifier: Apache-2.0
// The compiled tables: one translation unit each, see kernels_body.hpp.
#pragma once

#include "qat/tensor/kernels.hpp"

namespace squat::qat {

const Kernels<float>& kernels_baseline_float();
const Kernels<double>& kernels_baseline_double();
const Kernels<float>& kernels_v3();    ///< AVX2 and FMA
const Kernels<float>& kernels_vnni();  ///< the same and AVX-512 VNNI
const Kernels<float>& kernels_v4();    ///< AVX-512 F, BW, DQ, VL, CD

}  // namespace squat::qat
