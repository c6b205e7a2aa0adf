// SPDX-License-Identifier: Apache-2.0
#include "tests/fuzz/allocation_meter.hpp"

#include <malloc.h>

#include <atomic>
#include <cstdlib>
#include <new>

namespace {

std::atomic<std::size_t> live{0}, peak{0};

void* counted(std::size_t size) noexcept {
  void* p = std::malloc(size == 0 ? 1 : size);
  if (p == nullptr) return nullptr;
  const std::size_t now = live.fetch_add(::malloc_usable_size(p)) + ::malloc_usable_size(p);
  std::size_t most = peak.load();
  while (now > most && !peak.compare_exchange_weak(most, now)) {
  }
  return p;
}
void* counted_or_throw(std::size_t size) {
  void* p = counted(size);
  if (p == nullptr) throw std::bad_alloc();
  return p;
}
void forget(void* p) noexcept {
  if (p != nullptr) live.fetch_sub(::malloc_usable_size(p));
  std::free(p);
}

}  // namespace

void* operator new(std::size_t size) { return counted_or_throw(size); }
void* operator new[](std::size_t size) { return counted_or_throw(size); }
void* operator new(std::size_t size, const std::nothrow_t&) noexcept { return counted(size); }
void* operator new[](std::size_t size, const std::nothrow_t&) noexcept { return counted(size); }
void operator delete(void* p) noexcept { forget(p); }
void operator delete[](void* p) noexcept { forget(p); }
void operator delete(void* p, const std::nothrow_t&) noexcept { forget(p); }
void operator delete[](void* p, const std::nothrow_t&) noexcept { forget(p); }
void operator delete(void* p, std::size_t) noexcept { forget(p); }
void operator delete[](void* p, std::size_t) noexcept { forget(p); }

namespace squat::fuzz {

AllocationMeter::AllocationMeter() : before_(live.load()) { peak.store(before_); }

std::size_t AllocationMeter::most() const { return peak.load() - before_; }

}  // namespace squat::fuzz
