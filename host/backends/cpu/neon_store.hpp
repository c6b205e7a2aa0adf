// SPDX-License-Identifier: Apache-2.0
// How the Arm products store rows. For files compiled with instruction sets of their own: everything here is inlined or static.
#pragma once

#include <arm_neon.h>

#include "host/backends/cpu/kernel_set.hpp"

namespace squat::backends::cpu {
namespace {

/// Rows row .. row+count-1 can be stored as they are.
inline __attribute__((always_inline)) bool plain_rows(const Product& p, int row, int count) {
  return row + count <= p.rows && p.bias == nullptr;
}

/// Four rows from `row` on: as many as exist, with their bias. Out of line, so that the usual case stays short.
__attribute__((noinline, unused)) void store_checked(const Product& p, int row, int token, int32x4_t sum) {
  std::int32_t* out = p.out + static_cast<std::size_t>(token) * p.out_stride + row;
  std::int32_t part[4];
  vst1q_s32(part, sum);
  for (int i = 0; i < 4 && row + i < p.rows; ++i) out[i] = part[i] + (p.bias == nullptr ? 0 : p.bias[row + i]);
}

/// Four rows from `row` on, without checks if `plain`.
inline __attribute__((always_inline)) void store4(const Product& p, int row, int token, int32x4_t sum, bool plain) {
  if (plain) {
    vst1q_s32(p.out + static_cast<std::size_t>(token) * p.out_stride + row, sum);
  } else {
    store_checked(p, row, token, sum);
  }
}

}  // namespace
}  // namespace squat::backends::cpu
