// SPDX-License-Identifier: Apache-2.0
#include <arm_neon.h>

#include <cstdint>

#include "host/backends/cpu/float_product_body.hpp"

namespace squat::backends::cpu {
namespace {

/// Converting FP16 is part of ARMv8.0; multiplying in FP16 is not.
struct Vector {
  static constexpr int kLanes = 4, kTileRows = 4, kTileTokens = 4;
  float32x4_t v;
  static Vector zero() { return {vdupq_n_f32(0)}; }
  static Vector load(const float* p) { return {vld1q_f32(p)}; }
  static Vector load(const std::uint16_t* p) { return {vcvt_f32_f16(vreinterpret_f16_u16(vld1_u16(p)))}; }
  static Vector multiply_add(Vector sum, Vector w, Vector x) { return {vfmaq_f32(sum.v, w.v, x.v)}; }
  float total() const { return vaddvq_f32(v); }
};

bool supported() { return true; }

}  // namespace

const FloatKernels& float_kernels_neon() {
  static constexpr FloatKernels set = {"neon", supported, float_product<Vector, std::uint16_t>, float_product<Vector, float>};
  return set;
}

}  // namespace squat::backends::cpu
