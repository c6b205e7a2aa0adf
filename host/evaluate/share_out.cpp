// SPDX-License-Identifier: Apache-2.0
#include "host/evaluate/share_out.hpp"

#include <atomic>
#include <exception>
#include <mutex>
#include <thread>
#include <vector>

namespace squat::evaluate {

void share_out(int count, int threads, const std::function<void(int index, int thread)>& work) {
  std::atomic<int> next{0};
  std::mutex mutex;
  std::exception_ptr error;
  const auto take = [&](int thread) {
    try {
      for (int i = next++; i < count; i = next++) work(i, thread);
    } catch (...) {
      next = count;
      const std::lock_guard<std::mutex> lock(mutex);
      if (!error) error = std::current_exception();
    }
  };
  std::vector<std::thread> helpers;
  for (int thread = 1; thread < threads; ++thread) helpers.emplace_back(take, thread);
  take(0);
  for (std::thread& helper : helpers) helper.join();
  if (error) std::rethrow_exception(error);
}

}  // namespace squat::evaluate
