// SPDX-License-Identifier: Apache-2.0
// A first-in first-out queue of fixed depth without allocation.
#pragma once

#include <array>

namespace squat::estimate {

/// N is a power of two. push() on a full and pop() on an empty queue are errors of the caller.
template <typename T, unsigned N>
class FixedQueue {
  static_assert((N & (N - 1)) == 0, "the depth is a power of two");

 public:
  bool empty() const { return first_ == end_; }
  bool full() const { return size() == N; }
  unsigned size() const { return end_ - first_; }
  T& front() { return items_[first_ % N]; }
  const T& front() const { return items_[first_ % N]; }
  /// Item i from the front, i < size().
  const T& at(unsigned i) const { return items_[(first_ + i) % N]; }
  void push(const T& item) { items_[end_++ % N] = item; }
  void pop() { ++first_; }

 private:
  std::array<T, N> items_{};
  unsigned first_ = 0, end_ = 0;
};

}  // namespace squat::estimate
