// SPDX-License-Identifier: Apache-2.0
#include <immintrin.h>

#include <cstdint>

#include "host/backends/cpu/float_product_body.hpp"

namespace squat::backends::cpu {
namespace {

struct Vector {
  static constexpr int kLanes = 8, kTileRows = 2, kTileTokens = 4;  // 8 sums, 4 activations and a weight in 16 registers
  __m256 v;
  static Vector zero() { return {_mm256_setzero_ps()}; }
  static Vector load(const float* p) { return {_mm256_loadu_ps(p)}; }
  static Vector load(const std::uint16_t* p) { return {_mm256_cvtph_ps(_mm_loadu_si128(reinterpret_cast<const __m128i*>(p)))}; }
  static Vector multiply_add(Vector sum, Vector w, Vector x) { return {_mm256_fmadd_ps(w.v, x.v, sum.v)}; }
  float total() const {
    __m128 s = _mm_add_ps(_mm256_castps256_ps128(v), _mm256_extractf128_ps(v, 1));
    s = _mm_add_ps(s, _mm_movehl_ps(s, s));
    return _mm_cvtss_f32(_mm_add_ss(s, _mm_movehdup_ps(s)));
  }
};

// clang 14 knows neither the levels nor F16C by name; every processor with these has F16C too.
bool supported() {
  return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("bmi") && __builtin_cpu_supports("bmi2") &&
         __builtin_cpu_supports("fma");
}

}  // namespace

const FloatKernels& float_kernels_v3() {
  static constexpr FloatKernels set = {"avx2", supported, float_product<Vector, std::uint16_t>, float_product<Vector, float>};
  return set;
}

}  // namespace squat::backends::cpu
