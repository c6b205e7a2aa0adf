// SPDX-License-Identifier: Apache-2.0
#include "host/backends/cpu/thread_pool.hpp"

#include <sched.h>

namespace squat::backends::cpu {
namespace {

/// Rounds of waiting before a helper sleeps or the caller offers its processor to others: some hundred microseconds, longer
/// than the gaps inside a token. With more threads than processors nobody spins.
constexpr int kSpins = 1 << 12;

void pause_processor() {
#if defined(__x86_64__)
  __builtin_ia32_pause();
#elif defined(__aarch64__)
  asm volatile("yield");
#endif
}

int allowed_processors() {
  cpu_set_t allowed;
  CPU_ZERO(&allowed);
  return sched_getaffinity(0, sizeof allowed, &allowed) == 0 ? CPU_COUNT(&allowed) : 1;
}

}  // namespace

ThreadPool::ThreadPool(int threads) : spins_(threads <= allowed_processors() ? kSpins : 0) {
  for (int i = 1; i < threads; ++i) helpers_.emplace_back([this, i] { help(i); });
}

ThreadPool::~ThreadPool() {
  stop_.store(true);
  started_.fetch_add(1);
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    wake_.notify_all();
  }
  for (std::thread& helper : helpers_) helper.join();
}

void ThreadPool::run_erased(Function function, const void* context) {
  if (helpers_.empty()) {
    function(context, 0, 1);
    return;
  }
  function_ = function;
  context_ = context;
  working_.store(static_cast<int>(helpers_.size()));
  started_.fetch_add(1);  // publishes the job
  if (asleep_.load() > 0) {
    const std::lock_guard<std::mutex> lock(mutex_);
    wake_.notify_all();
  }
  function(context, 0, threads());
  for (int spins = 0; working_.load(std::memory_order_acquire) != 0; ++spins) {
    if (spins < spins_) {
      pause_processor();
    } else {
      spins = spins_;
      std::this_thread::yield();
    }
  }
}

void ThreadPool::help(int thread) {
  for (unsigned done = 0;; ++done) {
    for (int spins = 0; started_.load(std::memory_order_acquire) == done; ++spins) {
      if (spins < spins_) {
        pause_processor();
        continue;
      }
      std::unique_lock<std::mutex> lock(mutex_);
      asleep_.fetch_add(1);
      wake_.wait(lock, [&] { return started_.load() != done; });
      asleep_.fetch_sub(1);
    }
    if (stop_.load()) return;
    function_(context_, thread, threads());
    working_.fetch_sub(1, std::memory_order_release);
  }
}

}  // namespace squat::backends::cpu
