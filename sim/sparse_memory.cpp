// SPDX-License-Identifier: Apache-2.0
#include "sim/sparse_memory.hpp"

#include <sys/mman.h>

#include <cstring>
#include <string>

#include "host/model/error.hpp"
#include "host/model/large_pages.hpp"

namespace squat::sim {
namespace {

constexpr std::size_t kSmallPages = std::size_t{4} << 20;  ///< at the start of a bank, all that a small model touches

}  // namespace

#ifndef MAP_NORESERVE
#define MAP_NORESERVE 0
#endif

SparseMemory::~SparseMemory() {
  for (const Bank& bank : banks_) ::munmap(bank.data, bank.bytes);
}

void SparseMemory::add_bank(std::uint64_t base, std::uint64_t bytes) {
  for (const Bank& bank : banks_) {
    if (base < bank.base + bank.bytes && bank.base < base + bytes)
      throw Error(ExitCode::kInternal, "device memory: two banks overlap at address " + std::to_string(base));
  }
  // The operating system gives pages on first touch: a bank costs what is used of it.
  void* data = ::mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (data == MAP_FAILED)
    throw Error(ExitCode::kDeviceUnavailable, "simulated device memory: cannot reserve " + std::to_string(bytes >> 20) +
                                                  " MiB of address space (see ulimit -v and vm.overcommit_memory)");
  if (bytes > kSmallPages) model::want_large_pages(static_cast<std::byte*>(data) + kSmallPages, bytes - kSmallPages);
  banks_.push_back({base, bytes, static_cast<std::byte*>(data)});
}

std::uint8_t SparseMemory::read(std::uint64_t address, Beat& data) {
  const std::byte* from = find(address, kBeatBytes);
  if (from == nullptr) return kRespDecErr;
  std::memcpy(data.data(), from, kBeatBytes);
  return kRespOkay;
}

std::uint8_t SparseMemory::write(std::uint64_t address, const Beat& data, std::uint16_t strobes) {
  std::byte* to = find(address, kBeatBytes);
  if (to == nullptr) return kRespDecErr;
  if (strobes == 0xffff) {
    std::memcpy(to, data.data(), kBeatBytes);
    return kRespOkay;
  }
  std::byte bytes[kBeatBytes];
  std::memcpy(bytes, data.data(), kBeatBytes);
  for (unsigned i = 0; i < kBeatBytes; ++i) {
    if ((strobes >> i) & 1) to[i] = bytes[i];
  }
  return kRespOkay;
}

}  // namespace squat::sim
