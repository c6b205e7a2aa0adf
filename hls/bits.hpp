// SPDX-License-Identifier: Apache-2.0
// Bit length, as the priority encoders of the vector units see it.
#pragma once

#include <cstdint>

namespace squat::hls {

/// Position of the highest set bit plus one; 0 for 0. Fixed number of halvings, so it unrolls.
constexpr int bit_length(std::uint64_t v) {
  int length = 0;
  for (int step = 32; step > 0; step /= 2) {
    if ((v >> step) != 0) {
      v >>= step;
      length += step;
    }
  }
  return length + static_cast<int>(v);
}

static_assert(bit_length(0) == 0 && bit_length(1) == 1 && bit_length(65536) == 17 && bit_length(~std::uint64_t{0}) == 64);

}  // namespace squat::hls
