// SPDX-License-Identifier: Apache-2.0
// XRT's buffer objects: host memory, a device address, and the handle that names both.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <vector>

#include "sim/bank_allocator.hpp"
#include "sim/xrt_emulation/xclbin_view.hpp"

namespace squat::sim {

struct EmulatedBuffer {
  ~EmulatedBuffer();
  bool contains(std::size_t offset, std::size_t bytes) const { return offset <= size && bytes <= size - offset; }

  std::uint8_t* host = nullptr;
  std::size_t size = 0;
  unsigned flags = 0;
  std::uint64_t address = 0;
  int bank = -1;       ///< -1: a command buffer, without device memory
  bool owned = false;  ///< host memory was allocated here
};

/// Thread safe. A buffer stays valid as long as somebody holds it, even when its handle was freed.
class BufferTable {
 public:
  static constexpr unsigned kNone = 0xffffffffU;  ///< XRT_NULL_BO

  /// Throws squat::Error (kDeviceFailed) while buffers of other banks are alive.
  void set_banks(const std::vector<XclbinBank>& banks);

  /// `user` may be null: then page-aligned host memory is allocated. Returns kNone when the bank named in `flags` does not
  /// exist or is full.
  unsigned allocate(void* user, std::size_t bytes, unsigned flags);
  /// false when there is no such buffer.
  bool release(unsigned handle);
  std::shared_ptr<EmulatedBuffer> find(unsigned handle) const;
  /// Buffers alive, without command packets.
  std::size_t data_count() const;

 private:
  std::size_t count_data() const;  ///< with the lock held

  mutable std::mutex mutex_;
  std::vector<XclbinBank> banks_;
  std::vector<BankAllocator> allocators_;
  std::map<unsigned, std::shared_ptr<EmulatedBuffer>> buffers_;
  unsigned next_ = 1;
};

}  // namespace squat::sim
