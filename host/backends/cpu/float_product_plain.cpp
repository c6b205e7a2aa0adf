// SPDX-License-Identifier: Apache-2.0
// Plain C++, and the choice at run time.
#include <algorithm>
#include <cstdint>

#include "host/backends/cpu/float_product_body.hpp"
#include "host/model/float_bytes.hpp"

namespace squat::backends::cpu {
namespace {

struct Vector {
  static constexpr int kLanes = 1, kTileRows = 2, kTileTokens = 4;
  float v;
  static Vector zero() { return {0.0F}; }
  static Vector load(const float* p) { return {*p}; }
  static Vector load(const std::uint16_t* p) { return {model::half_to_float(*p)}; }
  static Vector multiply_add(Vector sum, Vector w, Vector x) { return {sum.v + w.v * x.v}; }
  float total() const { return v; }
};

bool supported() { return true; }

}  // namespace

const FloatKernels& float_kernels_plain() {
  static constexpr FloatKernels set = {"scalar", supported, float_product<Vector, std::uint16_t>, float_product<Vector, float>};
  return set;
}

const std::vector<const FloatKernels*>& float_kernel_sets() {
  static const std::vector<const FloatKernels*> sets = {
#ifdef SQUAT_CPU_X86_LEVELS
      &float_kernels_v4(),
      &float_kernels_v3(),
#endif
#ifdef SQUAT_CPU_ARM_LEVELS
      &float_kernels_neon(),
#endif
      &float_kernels_plain(),
  };
  return sets;
}

const FloatKernels& float_kernels() {
  const auto& sets = float_kernel_sets();
  return **std::find_if(sets.begin(), sets.end(), [](const FloatKernels* set) { return set->supported(); });
}

}  // namespace squat::backends::cpu
