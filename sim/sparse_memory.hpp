// SPDX-License-Identifier: Apache-2.0
// Device memory in banks; pages come into being when they are first written.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace squat::sim {

/// Byte-addressed device memory. Untouched bytes read as zero. Not thread safe.
class SparseMemory {
 public:
  SparseMemory() = default;
  ~SparseMemory();
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

 private:
  struct Bank {
    std::uint64_t base, bytes;
    std::byte* data;
  };
  std::vector<Bank> banks_;
};

}  // namespace squat::sim
