// SPDX-License-Identifier: Apache-2.0
// A queue of fixed capacity without allocation: the models push and pop in every simulated cycle.
#pragma once

#include <array>

namespace squat::sim {

template <class T, unsigned N>
class Ring {
  static_assert((N & (N - 1)) == 0, "the capacity is a power of two");

 public:
  bool empty() const { return head_ == tail_; }
  bool full() const { return size() == N; }
  unsigned size() const { return tail_ - head_; }
  T& front() { return items_[head_ % N]; }
  const T& front() const { return items_[head_ % N]; }
  void push(const T& item) { items_[tail_++ % N] = item; }
  void pop() { ++head_; }
  void clear() { head_ = tail_ = 0; }

 private:
  std::array<T, N> items_{};
  unsigned head_ = 0, tail_ = 0;
};

}  // namespace squat::sim
