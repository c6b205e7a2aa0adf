// SPDX-License-Identifier: Apache-2.0
#include "host/engine/weight_tile.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstring>

namespace squat::engine {
namespace {

constexpr std::size_t kBlock = 16;  ///< columns, and channels
using Block = std::array<std::uint8_t, kBlock * kBlock>;

/// Rows become columns. Each of the four rounds interleaves the first half of the rows with the second, in loops that compilers
/// turn into one instruction each.
void transpose(Block& block) {
  const auto interleave = [](const Block& from, Block& to) {
    for (std::size_t i = 0; i < from.size() / 2; ++i) {
      to[2 * i] = from[i];
      to[2 * i + 1] = from[from.size() / 2 + i];
    }
  };
  Block other;
  interleave(block, other);
  interleave(other, block);
  interleave(block, other);
  interleave(other, block);
}

/// Two codes of 4 bit in a byte, the first below.
std::uint8_t pair_of(std::int8_t first, std::int8_t second) {
  return static_cast<std::uint8_t>((static_cast<std::uint8_t>(second) & 15) << 4 | (static_cast<std::uint8_t>(first) & 15));
}

/// kBlock columns of 32 channels, column by column.
void pack_columns(const std::int8_t* const* channels, int first, bool eight_bit, std::uint8_t* to) {
  Block block;
  if (!eight_bit) {
    for (std::size_t pair = 0; pair < kBlock; ++pair) {
      const std::int8_t* low = channels[2 * pair] + first;
      const std::int8_t* high = channels[2 * pair + 1] + first;
      for (std::size_t i = 0; i < kBlock; ++i) block[pair * kBlock + i] = pair_of(low[i], high[i]);
    }
    transpose(block);
    std::memcpy(to, block.data(), block.size());
    return;
  }
  for (std::size_t half = 0; half < 2; ++half) {
    for (std::size_t c = 0; c < kBlock; ++c) std::memcpy(&block[c * kBlock], channels[half * kBlock + c] + first, kBlock);
    transpose(block);
    for (std::size_t i = 0; i < kBlock; ++i) std::memcpy(to + (2 * i + half) * kBlock, &block[i * kBlock], kBlock);
  }
}

}  // namespace

void pack_tile(const std::int8_t* const* channels, int first, int count, int columns, bool eight_bit, std::uint8_t* to) {
  const int column_bytes = eight_bit ? kTile : kTile / 2;
  std::uint8_t* const end = to + static_cast<std::ptrdiff_t>(count) * column_bytes;
  const int last = std::min(first + count, columns);
  int column = first;
  for (; column + static_cast<int>(kBlock) <= last; column += kBlock, to += static_cast<int>(kBlock) * column_bytes)
    pack_columns(channels, column, eight_bit, to);
  for (; column < last; ++column) {
    for (int c = 0; c < kTile; c += eight_bit ? 1 : 2)
      *to++ =
          eight_bit ? static_cast<std::uint8_t>(channels[c][column]) : pair_of(channels[c][column], channels[c + 1][column]);
  }
  std::fill(to, end, std::uint8_t{0});
}

}  // namespace squat::engine
