// SPDX-License-Identifier: Apache-2.0
// Memory for weight codes. A model has tens of millions of them in blocks of some hundred kilobytes, and a kernel that gives
// them out in pages of 4 KiB takes longer over that than reading the file does.
#pragma once

#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

namespace squat::model {

/// Uninitialised bytes, aligned for any type, in large pages where the system has them and `bytes` is worth it. Thread safe.
/// Throws std::bad_alloc.
void* take_code_memory(std::size_t bytes);
/// Gives back what take_code_memory returned for that many bytes. Thread safe.
void give_code_memory(void* at, std::size_t bytes) noexcept;

/// Allocator over the two. New elements without a value are left as the memory is, to be written at once: not even read before.
template <typename T>
struct CodeAllocator {
  using value_type = T;
  CodeAllocator() = default;
  template <typename U>
  CodeAllocator(const CodeAllocator<U>&) {}  // NOLINT(google-explicit-constructor): as the standard wants it

  T* allocate(std::size_t count) { return static_cast<T*>(take_code_memory(count * sizeof(T))); }
  void deallocate(T* at, std::size_t count) noexcept { give_code_memory(at, count * sizeof(T)); }

  template <typename U>
  void construct(U* at) {
    ::new (static_cast<void*>(at)) U;
  }
  template <typename U, typename... Arguments>
  void construct(U* at, Arguments&&... arguments) {
    ::new (static_cast<void*>(at)) U(std::forward<Arguments>(arguments)...);
  }

  friend bool operator==(const CodeAllocator&, const CodeAllocator&) { return true; }
  friend bool operator!=(const CodeAllocator&, const CodeAllocator&) { return false; }
};

using WeightCodes = std::vector<std::int8_t, CodeAllocator<std::int8_t>>;
using WeightBytes = std::vector<std::uint8_t, CodeAllocator<std::uint8_t>>;

}  // namespace squat::model
