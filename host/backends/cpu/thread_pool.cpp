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

/// Pauses `spins` times, then offers the processor to others.
class Wait {
 public:
  explicit Wait(int spins) : left_(spins) {}
  void once() {
    if (left_ > 0) {
      --left_;
      pause_processor();
    } else {
      std::this_thread::yield();
    }
  }

 private:
  int left_;
};

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
  job_.end.fetch_add(1);
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    wake_.notify_all();
  }
  for (std::thread& thread : threads_) thread.join();
}

bool ThreadPool::Turn::take(std::uint64_t stage) {
  std::uint64_t free = 2 * stage;
  return state.load(std::memory_order_relaxed) == free &&
         state.compare_exchange_strong(free, free + 1, std::memory_order_acq_rel, std::memory_order_relaxed);
}

void ThreadPool::run_erased(int stages, Function function, const void* context) {
  const int shares = threads();
  if (shares == 1) {
    for (int stage = 0; stage < stages; ++stage) function(context, stage, 0, 1);
    return;
  }
  const std::uint64_t first = job_.end.load(std::memory_order_relaxed);
  const std::uint64_t end = first + static_cast<std::uint64_t>(stages);
  job_.first = first;
  job_.function = function;
  job_.context = context;
  job_.end.store(end, std::memory_order_release);
  for (std::uint64_t stage = first; stage < end; ++stage) {
    function(context, static_cast<int>(stage - first), 0, shares);
    turns_[0].finish(stage, false);
    if (stage == first) {
      // Only now, when the job has long left this processor, waiting for that costs nothing; a helper that sleeps would have
      // been late in any case. Either it sees the job or it is seen to sleep.
      std::atomic_thread_fence(std::memory_order_seq_cst);
      if (asleep_.load() > 0) wake_helpers();
    }
    take_late_shares(stage);
    wait_for_all(stage + 1);
  }
}

void ThreadPool::take_late_shares(std::uint64_t stage) {
  for (int share = 1; share < threads(); ++share) {
    Turn& turn = turns_[static_cast<std::size_t>(share)];
    if (!turn.take(stage)) continue;
    job_.function(job_.context, static_cast<int>(stage - job_.first), share, threads());
    turn.finish(stage, false);
  }
}

void ThreadPool::wake_helpers() {
  const std::lock_guard<std::mutex> lock(mutex_);
  processors_[0] = sched_getcpu();
  wake_.notify_all();
}

void ThreadPool::wait_for_all(std::uint64_t stage) const {
  for (int share = 0; share < threads(); ++share) {
    for (Wait wait(spins_); !turns_[static_cast<std::size_t>(share)].done_before(stage);) wait.once();
  }
}

void ThreadPool::help(int share) {
  for (std::uint64_t seen = 0;;) {
    std::uint64_t end = seen;
    for (int spins = 0; (end = job_.end.load(std::memory_order_acquire)) == seen; ++spins) {
      if (spins < spins_) {
        pause_processor();
        continue;
      }
      sleep(share, seen);
    }
    if (stop_.load()) return;
    // Stages that the caller does meanwhile are not waited for: the one after them is the next to take.
    Turn& turn = turns_[static_cast<std::size_t>(share)];
    Wait wait(spins_);
    for (std::uint64_t stage = 0; (stage = turn.state.load(std::memory_order_relaxed) / 2) < end;) {
      if (turn.take(stage)) {
        walk(share, stage);
      } else {
        wait.once();
      }
    }
    seen = end;
  }
}

/// Does the share's stages from `stage`, which it has taken, to the end of the job. The job cannot end before, so that its
/// description stays.
void ThreadPool::walk(int share, std::uint64_t stage) {
  const std::uint64_t end = job_.end.load(std::memory_order_acquire);
  for (; stage < end; ++stage) {
    wait_for_all(stage);
    job_.function(job_.context, static_cast<int>(stage - job_.first), share, threads());
    turns_[static_cast<std::size_t>(share)].finish(stage, stage + 1 < end);
  }
}

void ThreadPool::sleep(int share, std::uint64_t seen) {
  std::unique_lock<std::mutex> lock(mutex_);
  processors_[static_cast<std::size_t>(share)] = -1;
  asleep_.fetch_add(1);
  wake_.wait(lock, [&] { return job_.end.load() != seen; });
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
