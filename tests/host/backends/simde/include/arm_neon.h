// SPDX-License-Identifier: Apache-2.0
// NEON on other processors by SIMDe, and what its version 0.7 lacks: the products of ARMv8.6.
#pragma once

#define SIMDE_ENABLE_NATIVE_ALIASES
#include <simde/arm/neon.h>

#include <cstdint>

namespace squat::test {

/// r (2, 2) + a (2, 8) * b (2, 8)^T, element by element.
template <typename Wide, typename Narrow, typename WideVector, typename NarrowVector>
WideVector multiply_2x8_8x2(WideVector r, NarrowVector a, NarrowVector b) {
  Narrow left[16], right[16];
  Wide sum[4];
  __builtin_memcpy(left, &a, sizeof left);
  __builtin_memcpy(right, &b, sizeof right);
  __builtin_memcpy(sum, &r, sizeof sum);
  for (int i = 0; i < 2; ++i) {
    for (int j = 0; j < 2; ++j) {
      for (int k = 0; k < 8; ++k) sum[2 * i + j] += static_cast<Wide>(left[8 * i + k]) * static_cast<Wide>(right[8 * j + k]);
    }
  }
  __builtin_memcpy(&r, sum, sizeof sum);
  return r;
}

}  // namespace squat::test

inline int32x4_t vmmlaq_s32(int32x4_t r, int8x16_t a, int8x16_t b) {
  return squat::test::multiply_2x8_8x2<std::int32_t, std::int8_t>(r, a, b);
}

inline uint32x4_t vmmlaq_u32(uint32x4_t r, uint8x16_t a, uint8x16_t b) {
  return squat::test::multiply_2x8_8x2<std::uint32_t, std::uint8_t>(r, a, b);
}
