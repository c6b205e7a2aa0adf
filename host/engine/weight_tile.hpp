// SPDX-License-Identifier: Apache-2.0
// One tile of a matrix as the accelerator streams it: 32 output channels, column by column.
#pragma once

#include <cstdint>

namespace squat::engine {

constexpr int kTile = 32;  ///< output channels

/// Packs columns [first, first + count) of kTile channels into count * 32 bytes, or count * 16 with two 4-bit codes in each.
/// Zero from column `columns` on, where the matrix ends.
void pack_tile(const std::int8_t* const* channels, int first, int count, int columns, bool eight_bit, std::uint8_t* to);

}  // namespace squat::engine
