// SPDX-License-Identifier: Apache-2.0
#include "sim/xrt_emulation/buffer_table.hpp"

#include <xrt.h>
#include <xrt_mem.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <cstring>

#include "host/model/error.hpp"

namespace squat::sim {
namespace {

constexpr std::size_t kPage = 4096;

}  // namespace

EmulatedBuffer::~EmulatedBuffer() {
  if (owned) std::free(host);
}

void BufferTable::set_banks(const std::vector<XclbinBank>& banks) {
  const std::lock_guard<std::mutex> lock(mutex_);
  if (count_data() != 0) {
    throw Error(ExitCode::kDeviceFailed, "simulated device: " + std::to_string(count_data()) +
                                             " buffers are alive; free them before another xclbin is loaded");
  }
  banks_ = banks;
  allocators_.clear();
  for (const XclbinBank& bank : banks) allocators_.emplace_back(bank.base, bank.bytes);
}

unsigned BufferTable::allocate(void* user, std::size_t bytes, unsigned flags) {
  const std::lock_guard<std::mutex> lock(mutex_);
  auto buffer = std::make_shared<EmulatedBuffer>();
  buffer->size = bytes;
  buffer->flags = flags;
  if ((flags & XCL_BO_FLAGS_EXECBUF) == 0) {
    const unsigned bank = flags & XRT_BO_FLAGS_MEMIDX_MASK;
    const auto address = bank < banks_.size() && banks_[bank].used ? allocators_[bank].allocate(bytes) : std::nullopt;
    if (!address) {
      std::fprintf(stderr, "squat simulation: ERROR: no room for a buffer of %zu bytes in memory bank %u\n", bytes, bank);
      return kNone;
    }
    buffer->address = *address;
    buffer->bank = static_cast<int>(bank);
  }
  buffer->host = static_cast<std::uint8_t*>(user);
  if (user == nullptr) {
    const std::size_t padded = (bytes + kPage - 1) / kPage * kPage;
    buffer->host = static_cast<std::uint8_t*>(std::aligned_alloc(kPage, padded));
    buffer->owned = true;
    if (buffer->host == nullptr) {
      if (buffer->bank >= 0) allocators_[static_cast<unsigned>(buffer->bank)].release(buffer->address);
      return kNone;
    }
    std::memset(buffer->host, 0, padded);
  }
  buffers_[next_] = std::move(buffer);
  return next_++;
}

bool BufferTable::release(unsigned handle) {
  const std::lock_guard<std::mutex> lock(mutex_);
  const auto found = buffers_.find(handle);
  if (found == buffers_.end()) return false;
  const EmulatedBuffer& buffer = *found->second;
  if (buffer.bank >= 0 && static_cast<std::size_t>(buffer.bank) < allocators_.size())
    allocators_[static_cast<unsigned>(buffer.bank)].release(buffer.address);
  buffers_.erase(found);
  return true;
}

std::shared_ptr<EmulatedBuffer> BufferTable::find(unsigned handle) const {
  const std::lock_guard<std::mutex> lock(mutex_);
  const auto found = buffers_.find(handle);
  return found == buffers_.end() ? nullptr : found->second;
}

std::size_t BufferTable::data_count() const {
  const std::lock_guard<std::mutex> lock(mutex_);
  return count_data();
}

std::size_t BufferTable::count_data() const {
  return static_cast<std::size_t>(
      std::count_if(buffers_.begin(), buffers_.end(), [](const auto& entry) { return entry.second->bank >= 0; }));
}

}  // namespace squat::sim
