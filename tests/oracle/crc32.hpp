// SPDX-License-Identifier: Apache-2.0
// CRC-32 by its definition (IEEE 802.3, clause 3.2.9): a division of polynomials over GF(2), one bit at a time, the lowest bit
// of a byte first.
#pragma once

#include <cstddef>
#include <cstdint>

namespace squat::oracle {

inline std::uint32_t crc32(const void* data, std::size_t bytes) {
  const auto* p = static_cast<const std::uint8_t*>(data);
  std::uint32_t rest = 0xffffffffU;
  for (std::size_t i = 0; i < 8 * bytes; ++i) {
    const bool quotient = ((rest ^ (p[i / 8] >> i % 8)) & 1U) != 0;
    rest /= 2;
    if (quotient) rest ^= 0xedb88320U;
  }
  return rest ^ 0xffffffffU;
}

}  // namespace squat::oracle
