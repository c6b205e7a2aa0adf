// SPDX-License-Identifier: Apache-2.0
// The status block the kernel writes last: docs/develop/accelerator.md, "Module boundaries".
#pragma once

#include <array>
#include <cstdint>
#include <cstring>

#include "host/engine/device.hpp"

namespace squat::engine {

inline constexpr std::size_t kStatusUnits = 64;           ///< its size
inline constexpr std::size_t kStatusCrcOffset = 63 * 16;  ///< its CRC, the last word, covers the bytes before this one

struct StatusBlock {
  std::uint32_t status = 0;  ///< bit 1 failed, bits 15:8 first error
  std::uint32_t error_index = 0;
  std::uint32_t commands_done = 0;
  DeviceCounters counters;
  std::uint32_t cache_read = 0, cache_written = 0, logits_sum = 0;  ///< sums of memory, see memory_check.hpp
  std::array<std::uint32_t, 64> eight_total{};                      ///< per layer, 8-bit tokens so far
  std::uint32_t crc = 0;
};

/// Reads the 1 KiB block (little endian).
inline StatusBlock parse_status(const std::uint8_t* bytes) {
  StatusBlock block;
  std::array<std::uint32_t, 4> head{};
  std::memcpy(head.data(), bytes, sizeof(head));
  block.status = head[0];
  block.error_index = head[1];
  block.commands_done = head[2];
  std::array<std::uint64_t, 6> counts{};
  std::memcpy(counts.data(), bytes + 16, sizeof(counts));
  block.counters = {counts[0], counts[1], counts[2], counts[3], counts[4], counts[5]};
  std::array<std::uint32_t, 3> sums{};
  std::memcpy(sums.data(), bytes + 80, sizeof(sums));
  block.cache_read = sums[0];
  block.cache_written = sums[1];
  block.logits_sum = sums[2];
  std::memcpy(block.eight_total.data(), bytes + 256, sizeof(block.eight_total));
  std::memcpy(&block.crc, bytes + 1020, sizeof(block.crc));
  return block;
}

}  // namespace squat::engine
