// SPDX-License-Identifier: Apache-2.0
// Threads that wait for short jobs by spinning: a layer has six of them, each some microseconds long.
#pragma once

#include <atomic>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

namespace squat::backends::cpu {

/// Every job has one share per thread. A helper takes its share when it sees the job; the caller takes what no helper has taken
/// by the time its own share is done, so that a helper that sleeps, or whose processor is busy with another program, delays
/// nobody. Threads are not bound to processors: a bound helper starves while another program holds its processor. But a helper
/// that wakes on a processor on which another thread of the pool runs goes to a free one first: schedulers leave it there for
/// tens of milliseconds, as it never waits long enough to be moved.
class ThreadPool {
 public:
  /// `threads` in all, the calling one included, 1..256.
  explicit ThreadPool(int threads);
  ThreadPool(const ThreadPool&) = delete;
  ThreadPool& operator=(const ThreadPool&) = delete;
  ~ThreadPool();

  int threads() const { return static_cast<int>(threads_.size()) + 1; }

  /// Calls job(share, shares) once for each share and returns when all have returned. Which thread does a share is open. The
  /// job must not throw, and must not call run.
  template <typename Job>
  void run(const Job& job) {
    run_erased([](const void* context, int share, int shares) { (*static_cast<const Job*>(context))(share, shares); }, &job);
  }

 private:
  using Function = void (*)(const void* context, int share, int shares);

  /// All that a helper reads of a job, in one cache line.
  struct alignas(64) Job {
    std::atomic<unsigned> number{0};  ///< of jobs so far; written last
    Function function = nullptr;
    const void* context = nullptr;
  };

  /// Of a helper's share: 2n when that of job n is done, 2n + 1 while somebody does it.
  struct alignas(64) Turn {
    std::atomic<unsigned> state{0};
    bool take(unsigned job);
    void finish(unsigned job) { state.store(2 * job, std::memory_order_release); }
    bool done(unsigned job) const { return state.load(std::memory_order_acquire) == 2 * job; }
  };

  void run_erased(Function function, const void* context);
  void wake_helpers();
  void wait_for(const Turn& turn, unsigned job) const;
  void help(int share);
  void sleep(int share, unsigned seen);
  void leave_shared_processor();

  int spins_;  ///< rounds of waiting before a thread gives its processor up
  std::vector<std::thread> threads_;
  std::unique_ptr<Turn[]> turns_;  ///< that of helper i at i - 1
  Job job_;
  alignas(64) std::atomic<int> asleep_{0};
  std::atomic<bool> stop_{false};
  std::mutex mutex_;
  std::vector<int> processors_;  ///< on which the threads run, the caller's first; -1 for one that sleeps; under mutex_
  std::condition_variable wake_;
};

/// The share [first, last) of `count` things that belongs to a thread.
struct Share {
  Share(int count, int thread, int threads)
      : first(static_cast<int>(static_cast<long long>(count) * thread / threads)),
        last(static_cast<int>(static_cast<long long>(count) * (thread + 1) / threads)) {}
  int first, last;
};

}  // namespace squat::backends::cpu
