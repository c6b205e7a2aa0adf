// SPDX-License-Identifier: Apache-2.0
// How one thread wakes another. On an idle processor that costs 15 to 25 microseconds, more than the work of a short call, so
// whoever expects the bell within a moment stays awake for it, for a time that it names.
#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <mutex>

namespace squat::backends {

/// Many may ring, one waits.
class Doorbell {
 public:
  void ring();
  /// How often it was rung. What the ringing thread wrote before is visible.
  std::uint64_t rings() const { return rings_.load(std::memory_order_acquire); }
  /// Waits until it was rung more often than `seen` times, `limit` at most; the first `awake` of that without sleeping, unless
  /// there is one processor only. False: not rung.
  bool wait(std::uint64_t seen, std::chrono::nanoseconds limit, std::chrono::nanoseconds awake);

 private:
  std::mutex mutex_;
  std::condition_variable rung_;
  std::atomic<std::uint64_t> rings_{0};
  unsigned sleeps_ = 0;  ///< the waiting thread's: how many waits to come do not stay awake
};

}  // namespace squat::backends
