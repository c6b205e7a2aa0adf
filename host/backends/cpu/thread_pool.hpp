// SPDX-License-Identifier: Apache-2.0
// Threads that wait for short jobs by spinning: a job takes some microseconds.
#pragma once

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

namespace squat::backends::cpu {

/// A job has stages, and a stage one share per thread. A helper that has seen the job walks through its stages by itself: from
/// one to the next it waits for the other shares alone, not for word from the caller, and reads nothing but their progress. The
/// caller takes what no helper has taken by the time its own share is done, so that a helper that sleeps, or whose processor is
/// busy with another program, delays nobody; it joins in at the next stage, and from then on its shares of the job are its own.
/// Threads are not bound to processors: a bound helper starves while another program holds its processor. But a helper that
/// wakes on a processor on which another thread of the pool runs goes to a free one first: schedulers leave it there for tens
/// of milliseconds, as it never waits long enough to be moved.
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
    run_stages(1, [&job](int, int share, int shares) { job(share, shares); });
  }

  /// The same for job(stage, share, shares) with each stage 0 .. stages-1 in turn: what one does, the next sees.
  template <typename Job>
  void run_stages(int stages, const Job& job) {
    run_erased(
        stages,
        [](const void* context, int stage, int share, int shares) {
          (*static_cast<const Job*>(context))(stage, share, shares);
        },
        &job);
  }

 private:
  using Function = void (*)(const void* context, int stage, int share, int shares);

  /// All that a helper reads of a job, in one cache line. Stages are counted over all jobs.
  struct alignas(64) Job {
    std::atomic<std::uint64_t> end{0};  ///< behind the job's last stage; written last
    std::uint64_t first = 0;
    Function function = nullptr;
    const void* context = nullptr;
  };

  /// How far a share is: 2n when its stages before n are done, 2n + 1 when besides somebody has taken stage n. A helper takes
  /// the next stage of a job with the same write that ends the one before.
  struct alignas(64) Turn {
    std::atomic<std::uint64_t> state{0};
    bool take(std::uint64_t stage);
    void finish(std::uint64_t stage, bool take_next) {
      state.store(2 * (stage + 1) + (take_next ? 1 : 0), std::memory_order_release);
    }
    bool done_before(std::uint64_t stage) const { return state.load(std::memory_order_acquire) >= 2 * stage; }
  };

  void run_erased(int stages, Function function, const void* context);
  void take_late_shares(std::uint64_t stage);
  void wake_helpers();
  /// Until every share has done all stages before `stage`.
  void wait_for_all(std::uint64_t stage) const;
  void help(int share);
  void walk(int share, std::uint64_t stage);
  void sleep(int share, std::uint64_t seen);
  void leave_shared_processor();

  int spins_;  ///< rounds of waiting before a thread gives its processor up
  std::vector<std::thread> threads_;
  std::unique_ptr<Turn[]> turns_;  ///< one per share, the caller's first
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
