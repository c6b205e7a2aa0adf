// SPDX-License-Identifier: Apache-2.0
// Memory that ends, or begins, at a page nobody may touch.
#pragma once

#include <sys/mman.h>
#include <unistd.h>

#include <cstddef>
#include <cstring>
#include <new>
#include <vector>

namespace squat::test {

template <typename T>
class Guarded {
 public:
  /// A copy of `values`: its last byte before a forbidden page, or its first byte after one.
  Guarded(const std::vector<T>& values, bool at_end) : size_(values.size()) {
    const std::size_t page = static_cast<std::size_t>(::sysconf(_SC_PAGESIZE));
    const std::size_t bytes = values.size() * sizeof(T), inside = (bytes + page - 1) / page * page;
    whole_ = inside + 2 * page;
    void* all = ::mmap(nullptr, whole_, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (all == MAP_FAILED) throw std::bad_alloc();
    base_ = static_cast<std::byte*>(all);
    if (inside > 0 && ::mprotect(base_ + page, inside, PROT_READ | PROT_WRITE) != 0) throw std::bad_alloc();
    data_ = reinterpret_cast<T*>(base_ + page + (at_end ? inside - bytes : 0));
    if (bytes > 0) std::memcpy(data_, values.data(), bytes);
  }
  Guarded(const Guarded&) = delete;
  Guarded& operator=(const Guarded&) = delete;
  ~Guarded() { ::munmap(base_, whole_); }

  T* data() { return data_; }
  const T& operator[](std::size_t i) const { return data_[i]; }
  std::size_t size() const { return size_; }

 private:
  std::byte* base_ = nullptr;
  T* data_ = nullptr;
  std::size_t whole_ = 0, size_;
};

}  // namespace squat::test
