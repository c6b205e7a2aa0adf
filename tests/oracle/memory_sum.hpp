// SPDX-License-Identifier: Apache-2.0
// What one byte adds to a sum of memory, bit by bit: bit i of the 32-bit word `lane` of the 16-byte word `unit` goes to place i
// + lane + 4*unit.
#pragma once

#include <cstdint>

namespace squat::oracle {

/// at: place of the byte in its 16-byte word.
inline std::uint32_t memory_sum(std::uint8_t byte, unsigned at, std::uint64_t unit) {
  std::uint32_t sum = 0;
  for (unsigned bit = 0; bit < 8; ++bit) {
    const std::uint64_t place = at % 4 * 8 + bit + at / 4 + 4 * unit;
    if ((byte >> bit & 1) != 0) sum += std::uint32_t{1} << place % 32;
  }
  return sum;
}

}  // namespace squat::oracle
