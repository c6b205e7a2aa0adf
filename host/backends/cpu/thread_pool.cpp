// SPDX-License-Identifier: Apache-2.0
#include "host/backends/cpu/thread_pool.hpp"

#include <sched.h>

#include <algorithm>

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

/// Of the calling thread; empty when the kernel does not say.
cpu_set_t allowed_processors() {
  cpu_set_t allowed;
  CPU_ZERO(&allowed);
  if (sched_getaffinity(0, sizeof allowed, &allowed) != 0) CPU_ZERO(&allowed);
  return allowed;
}

int count_allowed_processors() {
  const cpu_set_t allowed = allowed_processors();
  return std::max(CPU_COUNT(&allowed), 1);
}

}  // namespace

ThreadPool::ThreadPool(int threads)
    : spins_(threads <= count_allowed_processors() ? kSpins : 0),
      turns_(new Turn[static_cast<std::size_t>(threads)]),
      processors_(static_cast<std::size_t>(threads), -1) {
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
  job_.number.store(job, std::memory_order_release);
  function(context, 0, shares);
  // Only now, when the number has long left this processor, waiting for that costs nothing; a helper that sleeps would have
  // been late for this job in any case. Either it sees the number or it is seen to sleep.
  std::atomic_thread_fence(std::memory_order_seq_cst);
  if (asleep_.load() > 0) wake_helpers();
  for (int i = 1; i < shares; ++i) {
    Turn& turn = turns_[static_cast<std::size_t>(i - 1)];
    if (!turn.done(job) && turn.take(job)) {
      function(context, i, shares);
      turn.finish(job);
    }
  }
  for (int i = 1; i < shares; ++i) wait_for(turns_[static_cast<std::size_t>(i - 1)], job);
}

void ThreadPool::wake_helpers() {
  const std::lock_guard<std::mutex> lock(mutex_);
  processors_[0] = sched_getcpu();
  wake_.notify_all();
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
      sleep(share, seen);
    }
    if (stop_.load()) return;
    seen = job;
    // A job whose share is taken may have ended, and its function and context be those of the next.
    if (!turn.take(job)) continue;
    job_.function(job_.context, share, threads());
    turn.finish(job);
  }
}

void ThreadPool::sleep(int share, unsigned seen) {
  std::unique_lock<std::mutex> lock(mutex_);
  processors_[static_cast<std::size_t>(share)] = -1;
  asleep_.fetch_add(1);
  wake_.wait(lock, [&] { return job_.number.load() != seen; });
  asleep_.fetch_sub(1);
  if (spins_ > 0) leave_shared_processor();
  processors_[static_cast<std::size_t>(share)] = sched_getcpu();
}

void ThreadPool::leave_shared_processor() {
  if (std::count(processors_.begin(), processors_.end(), sched_getcpu()) == 0) return;
  const cpu_set_t allowed = allowed_processors();
  cpu_set_t free = allowed;
  for (const int processor : processors_) {
    if (processor >= 0) CPU_CLR(static_cast<std::size_t>(processor), &free);
  }
  if (CPU_COUNT(&free) == 0 || sched_setaffinity(0, sizeof free, &free) != 0) return;
  sched_setaffinity(0, sizeof allowed, &allowed);  // only to get away; the thread stays as free to move as it was
}

}  // namespace squat::backends::cpu
