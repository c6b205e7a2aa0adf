// SPDX-License-Identifier: Apache-2.0
// Threads that wait for short jobs by spinning: a layer has six of them, each some microseconds long.
#pragma once

#include <atomic>
#include <condition_variable>
#include <mutex>
#include <thread>
#include <vector>

namespace squat::backends::cpu {

class ThreadPool {
 public:
  /// `threads` in all, the calling one included, 1..256. They are not bound to processors: a bound helper starves, and all
  /// others with it, while another program holds its processor.
  explicit ThreadPool(int threads);
  ThreadPool(const ThreadPool&) = delete;
  ThreadPool& operator=(const ThreadPool&) = delete;
  ~ThreadPool();

  int threads() const { return static_cast<int>(helpers_.size()) + 1; }

  /// Calls job(thread, threads) on every thread and returns when all have. The job must not throw, and must not call run.
  template <typename Job>
  void run(const Job& job) {
    run_erased([](const void* context, int thread, int count) { (*static_cast<const Job*>(context))(thread, count); }, &job);
  }

 private:
  using Function = void (*)(const void* context, int thread, int count);

  void run_erased(Function function, const void* context);
  void help(int thread);

  int spins_;  ///< rounds of waiting before a thread gives its processor up
  std::vector<std::thread> helpers_;
  Function function_ = nullptr;
  const void* context_ = nullptr;
  alignas(64) std::atomic<unsigned> started_{0};  ///< jobs so far
  alignas(64) std::atomic<int> working_{0};       ///< helpers that have not finished the job
  std::atomic<int> asleep_{0};
  std::atomic<bool> stop_{false};
  std::mutex mutex_;
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
