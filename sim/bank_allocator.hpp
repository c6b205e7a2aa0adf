// SPDX-License-Identifier: Apache-2.0
// Hands out addresses of one memory bank.
#pragma once

#include <cstdint>
#include <map>
#include <optional>

namespace squat::sim {

/// First fit, 4 KiB granules, as on a board. Not thread safe.
class BankAllocator {
 public:
  static constexpr std::uint64_t kGranule = 4096;

  BankAllocator(std::uint64_t base, std::uint64_t bytes) : base_(base), bytes_(bytes) {}

  /// Address of a free range, or nothing when the bank is too full.
  std::optional<std::uint64_t> allocate(std::uint64_t bytes) {
    if (bytes == 0 || bytes > bytes_) return std::nullopt;
    const std::uint64_t size = (bytes + kGranule - 1) & ~(kGranule - 1);
    std::uint64_t at = base_;
    for (const auto& [address, used] : taken_) {
      if (address - at >= size) break;
      at = address + used;
    }
    if (size > base_ + bytes_ - at) return std::nullopt;
    taken_[at] = size;
    return at;
  }

  void release(std::uint64_t address) { taken_.erase(address); }

 private:
  std::uint64_t base_, bytes_;
  std::map<std::uint64_t, std::uint64_t> taken_;  ///< address -> bytes
};

}  // namespace squat::sim
