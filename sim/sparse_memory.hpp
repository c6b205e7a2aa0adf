// SPDX-License-Identifier: Apache-2.0
// Device memory in banks; pages come into being when they are first written.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "sim/device_memory.hpp"

namespace squat::sim {

/// Byte-addressed device memory. Untouched bytes read as zero. Not thread safe.
class SparseMemory final : public DeviceMemory {
 public:
  SparseMemory() = default;
  ~SparseMemory() override;
  SparseMemory(const SparseMemory&) = delete;
  SparseMemory& operator=(const SparseMemory&) = delete;

  /// Adds the bank [base, base + bytes). Throws squat::Error (kDeviceUnavailable) when the address space for it cannot
  /// be reserved, (kInternal) when it overlaps another bank.
  void add_bank(std::uint64_t base, std::uint64_t bytes);

  /// Pointer to [address, address + bytes), contiguous, or nullptr when it does not lie inside one bank.
  std::byte* find(std::uint64_t address, std::uint64_t bytes) const {
    for (const Bank& bank : banks_) {
      const std::uint64_t offset = address - bank.base;
      if (offset < bank.bytes && bytes <= bank.bytes - offset) return bank.data + offset;
    }
    return nullptr;
  }

  bool contains(std::uint64_t address, std::uint64_t bytes) const override { return find(address, bytes) != nullptr; }
  std::uint8_t read(std::uint64_t address, Beat& data) override;
  std::uint8_t write(std::uint64_t address, const Beat& data, std::uint16_t strobes) override;

 private:
  struct Bank {
    std::uint64_t base, bytes;
    std::byte* data;
  };
  std::vector<Bank> banks_;
};

}  // namespace squat::sim
