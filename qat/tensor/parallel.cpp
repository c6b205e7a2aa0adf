// SPDX-License-Identifier: Apache-2.0
#include "qat/tensor/parallel.hpp"

#include <utility>

namespace squat::qat {

void Workers::resize(int threads) {
  if (threads == this->threads()) return;
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    stop_ = true;
  }
  wake_.notify_all();
  for (std::thread& t : threads_) t.join();
  threads_.clear();
  stop_ = false;
  for (int i = 1; i < threads; ++i) threads_.emplace_back([this, i] { loop(i); });
}

void Workers::work(int worker) {
  std::unique_lock<std::mutex> lock(mutex_);
  while (next_ < count_) {
    const int index = next_++;
    lock.unlock();
    std::exception_ptr error;
    try {
      (*task_)(index, worker);
    } catch (...) {
      error = std::current_exception();
    }
    lock.lock();
    if (error && !error_) error_ = error;
    if (error) next_ = count_;
  }
}

void Workers::loop(int worker) {
  std::uint64_t seen = 0;
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    seen = round_;
  }
  for (;;) {
    {
      std::unique_lock<std::mutex> lock(mutex_);
      wake_.wait(lock, [&] { return stop_ || round_ != seen; });
      if (stop_) return;
      seen = round_;
      if (next_ >= count_) continue;  // woken after the work was done: the caller does not wait for this thread
      ++running_;
    }
    work(worker);
    {
      const std::lock_guard<std::mutex> lock(mutex_);
      --running_;
    }
    done_.notify_one();
  }
}

void Workers::run(int count, const std::function<void(int, int)>& task) {
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    task_ = &task;
    count_ = count;
    next_ = 0;
    ++round_;
  }
  if (count > 1) wake_.notify_all();
  work(0);
  std::unique_lock<std::mutex> lock(mutex_);
  done_.wait(lock, [&] { return running_ == 0; });
  if (error_) std::rethrow_exception(std::exchange(error_, nullptr));
}

}  // namespace squat::qat
