// SPDX-License-Identifier: Apache-2.0
// Memory that starts at a cache line and shares none with anything else, so that what one thread writes does not slow down what
// another one reads beside it.
#pragma once

#include <cstddef>
#include <cstdlib>
#include <new>
#include <vector>

namespace squat::backends::cpu {

constexpr std::size_t kAlignment = 64;  ///< a cache line, and the widest vector register

template <typename T>
struct LineAllocator {
  using value_type = T;
  LineAllocator() = default;
  template <typename U>
  LineAllocator(const LineAllocator<U>&) {}

  T* allocate(std::size_t n) {
    const std::size_t lines = (n * sizeof(T) + kAlignment - 1) / kAlignment;
    return static_cast<T*>(::operator new (lines* kAlignment, std::align_val_t{kAlignment}));
  }
  void deallocate(T* p, std::size_t) noexcept { ::operator delete (p, std::align_val_t{kAlignment}); }
  friend bool operator==(const LineAllocator&, const LineAllocator&) { return true; }
  friend bool operator!=(const LineAllocator&, const LineAllocator&) { return false; }
};

/// Takes a line back that other processors have read, before it is written.
inline void prefetch_for_write(const void* p) {
#if defined(__x86_64__)
  asm volatile("prefetchw %0" ::"m"(*static_cast<const char*>(p)));  // GCC emits it only for processors later than its baseline
#else
  __builtin_prefetch(p, 1);
#endif
}

template <typename T>
using LineVector = std::vector<T, LineAllocator<T>>;

}  // namespace squat::backends::cpu
