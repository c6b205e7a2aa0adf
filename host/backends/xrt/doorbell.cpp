// SPDX-License-Identifier: Apache-2.0
#include "host/backends/xrt/doorbell.hpp"

#include <algorithm>
#include <thread>
#include <utility>

namespace squat::backends {
namespace {

using Clock = std::chrono::steady_clock;

constexpr int kPauses = 16;  ///< before another thread may have the processor: it may be the one that rings
/// A thread that waits longer than this for its processor to come back had better slept: the one who wakes it takes it at once.
constexpr std::chrono::microseconds kLost{100};
constexpr unsigned kSleeps = 256;  ///< waits without staying awake after that

void pause() {
#if defined(__x86_64__)
  __builtin_ia32_pause();
#elif defined(__aarch64__)
  asm volatile("yield");
#endif
}

}  // namespace

void Doorbell::ring() {
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    rings_.fetch_add(1, std::memory_order_release);
  }
  rung_.notify_one();
}

bool Doorbell::wait(std::uint64_t seen, std::chrono::nanoseconds limit, std::chrono::nanoseconds awake) {
  static const bool one_processor = std::thread::hardware_concurrency() == 1;
  const auto start = Clock::now();
  const auto sleep_at = start + std::min(limit, awake);
  if (sleeps_ > 0) --sleeps_;
  for (auto now = start; now < sleep_at && sleeps_ == 0 && !one_processor;) {
    for (int i = 0; i < kPauses; ++i) {
      if (rings() != seen) return true;
      pause();
    }
    std::this_thread::yield();
    const auto before = std::exchange(now, Clock::now());
    if (now - before > kLost) sleeps_ = kSleeps;
  }
  std::unique_lock<std::mutex> lock(mutex_);
  return rung_.wait_until(lock, start + limit, [&] { return rings() != seen; });
}

}  // namespace squat::backends
