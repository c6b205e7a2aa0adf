// SPDX-License-Identifier: Apache-2.0
// Tiles of the weight image against the format's description (docs/develop/accelerator.md), code by code.
#include "host/engine/weight_tile.hpp"

#include <algorithm>
#include <random>
#include <vector>

#include "tests/catch.hpp"

using namespace squat;

namespace {

/// Column by column: 8-bit codes of the 32 channels, or two 4-bit codes a byte, the even channel in the low half.
std::vector<std::uint8_t> tile_of(const std::vector<std::vector<std::int8_t>>& channels, int first, int count, bool eight_bit) {
  std::vector<std::uint8_t> bytes;
  for (int column = first; column < first + count; ++column) {
    const auto code = [&](std::size_t channel) {
      const auto at = static_cast<std::size_t>(column);
      return at < channels[channel].size() ? static_cast<int>(channels[channel][at]) : 0;
    };
    for (std::size_t channel = 0; channel < 32; channel += eight_bit ? 1 : 2) {
      const int low = (code(channel) + 256) % 256;
      bytes.push_back(static_cast<std::uint8_t>(eight_bit ? low : low % 16 + (code(channel + 1) + 256) % 16 * 16));
    }
  }
  return bytes;
}

}  // namespace

TEST_CASE("packed tiles hold every code in its place, and zeros beyond the matrix") {
  std::mt19937 random(1);
  for (const bool eight_bit : {false, true}) {
    for (const int columns : {1, 15, 16, 47, 64, 100}) {
      std::vector<std::vector<std::int8_t>> channels(32, std::vector<std::int8_t>(static_cast<std::size_t>(columns)));
      for (auto& channel : channels) {
        for (std::int8_t& code : channel)
          code = static_cast<std::int8_t>(eight_bit ? static_cast<int>(random() % 255) - 127
                                                    : static_cast<int>(random() % 15) - 7);
      }
      std::vector<const std::int8_t*> starts;
      for (const auto& channel : channels) starts.push_back(channel.data());
      for (const int count : {16, 32, 48}) {
        for (int first = 0; first < 128; first += count) {
          const auto size = static_cast<std::size_t>(count * (eight_bit ? 32 : 16));
          std::vector<std::uint8_t> found(size + 1, 0xa5);
          engine::pack_tile(starts.data(), first, count, columns, eight_bit, found.data());
          INFO("columns " << columns << ", tile of " << count << " from " << first << ", " << (eight_bit ? 8 : 4) << " bit");
          CHECK(found.back() == 0xa5);
          found.pop_back();
          CHECK(found == tile_of(channels, first, count, eight_bit));
        }
      }
    }
  }
}
