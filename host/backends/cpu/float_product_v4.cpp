// SPDX-License-Identifier: Apache-2.0
#include <immintrin.h>

#include <cstdint>

#include "host/backends/cpu/float_product_body.hpp"

namespace squat::backends::cpu {
namespace {

struct Vector {
  static constexpr int kLanes = 16, kTileRows = 4, kTileTokens = 4;
  __m512 v;
  static Vector zero() { return {_mm512_setzero_ps()}; }
  static Vector load(const float* p) { return {_mm512_loadu_ps(p)}; }
  static Vector load(const std::uint16_t* p) {
    return {_mm512_cvtph_ps(_mm256_loadu_si256(reinterpret_cast<const __m256i*>(p)))};
  }
  static Vector multiply_add(Vector sum, Vector w, Vector x) { return {_mm512_fmadd_ps(w.v, x.v, sum.v)}; }
  float total() const { return _mm512_reduce_add_ps(v); }
};

// clang 14 does not know the levels by name.
bool supported() {
  return __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512bw") &&
         __builtin_cpu_supports("avx512vl") && __builtin_cpu_supports("avx512cd");
}

}  // namespace

const FloatKernels& float_kernels_v4() {
  static constexpr FloatKernels set = {"avx512", supported, float_product<Vector, std::uint16_t>, float_product<Vector, float>};
  return set;
}

}  // namespace squat::backends::cpu
