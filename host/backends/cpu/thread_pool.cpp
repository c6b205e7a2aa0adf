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

ThreadPool::ThreadPool(int threads)
    : spins_(threads <= allowed_processors() ? kSpins : 0), turns_(new Turn[static_cast<std::size_t>(threads)]) {
  for (int i = 1; i < threads; ++i) threads_.emplace_back([this, i] { help(i); });
}

ThreadPool::~ThreadPool() {
  stop_.store(true);
  job_.number.fetch_add(1);
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    wake_.notify_all();
  }
  for (std::thread& thread : threads_) thread.join();
}

bool ThreadPool::Turn::take(unsigned job) {
  unsigned last = 2 * (job - 1);
  return state.compare_exchange_strong(last, 2 * job + 1, std::memory_order_acq_rel, std::memory_order_relaxed);
}

void ThreadPool::run_erased(Function function, const void* context) {
  const int shares = threads();
  if (shares == 1) {
    function(context, 0, 1);
    return;
  }
  job_.function = function;
  job_.context = context;
  const unsigned job = job_.number.load(std::memory_order_relaxed) + 1;
  job_.number.store(job);  // sequentially consistent, as is asleep_: either a helper sees the job or it is seen to sleep
  if (asleep_.load() > 0) {
    const std::lock_guard<std::mutex> lock(mutex_);
    wake_.notify_all();
  }
  function(context, 0, shares);
  for (int i = 1; i < shares; ++i) {
    Turn& turn = turns_[static_cast<std::size_t>(i - 1)];
    if (!turn.done(job) && turn.take(job)) {
      function(context, i, shares);
      turn.finish(job);
    }
  }
  for (int i = 1; i < shares; ++i) wait_for(turns_[static_cast<std::size_t>(i - 1)], job);
}

void ThreadPool::wait_for(const Turn& turn, unsigned job) const {
  for (int spins = 0; !turn.done(job); ++spins) {
    if (spins < spins_) {
      pause_processor();
    } else {
      spins = spins_;
      std::this_thread::yield();
    }
  }
}

void ThreadPool::help(int share) {
  Turn& turn = turns_[static_cast<std::size_t>(share - 1)];
  for (unsigned seen = 0;;) {
    unsigned job = seen;
    for (int spins = 0; (job = job_.number.load(std::memory_order_acquire)) == seen; ++spins) {
      if (spins < spins_) {
        pause_processor();
        continue;
      }
      std::unique_lock<std::mutex> lock(mutex_);
      asleep_.fetch_add(1);
      wake_.wait(lock, [&] { return job_.number.load() != seen; });
      asleep_.fetch_sub(1);
    }
    if (stop_.load()) return;
    seen = job;
    // A job whose share is taken may have ended, and its function and context be those of the next.
    if (!turn.take(job)) continue;
    job_.function(job_.context, share, threads());
    turn.finish(job);
  }
}

}  // namespace squat::backends::cpu
