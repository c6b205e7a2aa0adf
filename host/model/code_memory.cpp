// SPDX-License-Identifier: Apache-2.0
#include "host/model/code_memory.hpp"

#include <sys/mman.h>

#include <cstdint>
#include <mutex>
#include <new>

#include "host/model/large_pages.hpp"

namespace squat::model {
namespace {

constexpr std::size_t kLargePage = std::size_t{2} << 20;
constexpr std::size_t kSlab = 16 * kLargePage;        ///< address space; the system gives pages on first touch
constexpr std::size_t kShared = kLargePage;           ///< blocks from here on get a mapping of their own ...
constexpr std::size_t kSmall = std::size_t{1} << 14;  ///< ... and blocks below here come from operator new
constexpr std::size_t kLine = 64;

// AddressSanitizer knows the bounds of what operator new gives, and not those of blocks in a slab.
#ifdef __has_feature
#if __has_feature(address_sanitizer)
#define __SANITIZE_ADDRESS__  // as GCC says it
#endif
#endif
#ifdef __SANITIZE_ADDRESS__
constexpr bool kPlain = true;
#else
constexpr bool kPlain = false;
#endif

std::size_t round_up(std::size_t value, std::size_t step) { return (value + step - 1) / step * step; }

/// `bytes`, a multiple of the system's page size, at a multiple of `alignment`; in large pages but for the first `small` bytes.
std::byte* map(std::size_t bytes, std::size_t alignment, std::size_t small) {
  void* all = ::mmap(nullptr, bytes + alignment, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (all == MAP_FAILED) throw std::bad_alloc();
  auto* first = static_cast<std::byte*>(all);
  const std::size_t before = (alignment - reinterpret_cast<std::uintptr_t>(first) % alignment) % alignment;
  if (before != 0) ::munmap(first, before);
  ::munmap(first + before + bytes, alignment - before);
  want_large_pages(first + before + small, bytes - small);
  return first + before;
}

/// At the start of kSlab bytes that lie at a multiple of kSlab: how much of them is given out.
struct Slab {
  std::size_t used = kLine;
  std::size_t blocks = 0;
};

std::mutex slab_mutex;
Slab* filling = nullptr;

void* take_from_slab(std::size_t bytes) {
  const std::lock_guard<std::mutex> lock(slab_mutex);
  if (filling == nullptr || kSlab - filling->used < bytes)
    filling = ::new (map(kSlab, kSlab, kLargePage)) Slab;  // a small model gets what it needs, not 2 MiB
  std::byte* at = reinterpret_cast<std::byte*>(filling) + filling->used;
  filling->used += round_up(bytes, kLine);
  ++filling->blocks;
  return at;
}

void give_to_slab(void* at) noexcept {
  const auto address = reinterpret_cast<std::uintptr_t>(at);
  auto* slab = reinterpret_cast<Slab*>(static_cast<std::byte*>(at) - address % kSlab);
  const std::lock_guard<std::mutex> lock(slab_mutex);
  if (--slab->blocks != 0) return;
  if (slab == filling) filling = nullptr;
  ::munmap(slab, kSlab);
}

/// Whole large pages: a multiple of every page size that systems have.
std::size_t own_bytes(std::size_t bytes) { return round_up(bytes, kLargePage); }

}  // namespace

void* take_code_memory(std::size_t bytes) {
  if (kPlain || bytes < kSmall) return ::operator new(bytes);
  if (bytes < kShared) return take_from_slab(bytes);
  if (bytes > SIZE_MAX - 2 * kLargePage) throw std::bad_alloc();
  return map(own_bytes(bytes), kLargePage, 0);
}

void give_code_memory(void* at, std::size_t bytes) noexcept {
  if (kPlain || bytes < kSmall) return ::operator delete(at);
  if (bytes < kShared) return give_to_slab(at);
  ::munmap(at, own_bytes(bytes));
}

}  // namespace squat::model
