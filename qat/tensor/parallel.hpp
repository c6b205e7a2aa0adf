// SPDX-License-Identifier: Apache-2.0
// Own threads over a list of tasks. What a task computes must not depend on which thread runs it, so that results are the
// same bits for any number of threads.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <exception>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

namespace squat::qat {

class Workers {
 public:
  Workers() = default;
  Workers(const Workers&) = delete;
  Workers& operator=(const Workers&) = delete;
  ~Workers() { resize(1); }

  /// Number of threads including the caller's; at least 1. Not during run().
  void resize(int threads);
  int threads() const { return static_cast<int>(threads_.size()) + 1; }

  /// Calls task(index, worker) for index 0 .. count - 1, worker 0 .. threads() - 1 (scratch memory belongs to a worker).
  /// Returns when all are done; rethrows the first exception.
  void run(int count, const std::function<void(int index, int worker)>& task);

 private:
  void work(int worker);
  void loop(int worker);

  std::vector<std::thread> threads_;
  std::mutex mutex_;
  std::condition_variable wake_, done_;
  const std::function<void(int, int)>* task_ = nullptr;
  int count_ = 0, next_ = 0, running_ = 0;
  std::uint64_t round_ = 0;
  bool stop_ = false;
  std::exception_ptr error_;
};

}  // namespace squat::qat
