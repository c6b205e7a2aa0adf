// SPDX-License-Identifier: Apache-2.0
#include "host/cli/window_runner.hpp"

#include <utility>

#include "host/cli/stop_signals.hpp"

namespace squat::cli {
namespace {

constexpr int kAhead = 2;  ///< windows per device that may wait for next()

}  // namespace

WindowRunner::WindowRunner(std::vector<OpenDevice>& devices, const std::vector<int>& ids, int tokens, int windows)
    : ids_(ids), tokens_(tokens), windows_(windows), devices_(static_cast<int>(devices.size())), working_(devices_) {
  for (OpenDevice& device : devices) threads_.emplace_back([this, &device] { work(device); });
}

WindowRunner::~WindowRunner() {
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    ending_ = true;
  }
  changed_.notify_all();
  for (std::thread& thread : threads_) thread.join();
}

/// The window to compute next; -1 when there is none any more.
int WindowRunner::take() {
  std::unique_lock<std::mutex> lock(mutex_);
  const int ahead = kAhead * devices_;
  // A device that fails may give back a window until the last one is delivered.
  changed_.wait(lock, [&] {
    return ending_ || delivered_ == windows_ || !again_.empty() || (taken_ < windows_ && taken_ < delivered_ + ahead);
  });
  if (ending_ || delivered_ == windows_) return -1;
  if (again_.empty()) return taken_++;
  const int window = *again_.begin();
  again_.erase(again_.begin());
  return window;
}

WindowRunner::Window WindowRunner::compute(OpenDevice& device, int window) {
  const auto begin = ids_.begin() + static_cast<std::ptrdiff_t>(window) * tokens_;
  Window result;
  device.device->reset();
  engine::run_in_chunks(*device.device, std::vector<int>(begin, begin + tokens_), hls::kMaxChunk, engine::RowRange::kAll,
                        [&](const engine::PassResult& pass) {
                          result.share.add(pass);
                          result.logits.insert(result.logits.end(), pass.logits.begin(), pass.logits.end());
                        });
  return result;
}

/// Gives a window back to the others, and the device up.
void WindowRunner::give_up(const OpenDevice& device, int window, const Error& error) {
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    again_.insert(window);
    --working_;
    failures_.push_back("device " + std::to_string(device.number) + ": " + error.what());
    if (!first_failure_) first_failure_ = std::make_unique<Error>(error.code(), failures_.back());
  }
  changed_.notify_all();
}

void WindowRunner::work(OpenDevice& device) {
  bool opened_anew = false;
  int window = take();
  while (window >= 0) {
    try {
      Window result = compute(device, window);
      {
        const std::lock_guard<std::mutex> lock(mutex_);
        done_.emplace(window, std::move(result));
      }
      changed_.notify_all();
      window = take();
    } catch (const Error& error) {
      const bool try_again = !opened_anew && error.code() == ExitCode::kDeviceFailed && stop_signal() == 0;
      opened_anew = true;
      if (!try_again || !reopen(device)) return give_up(device, window, error);
    } catch (const std::exception& error) {
      return give_up(device, window, Error(ExitCode::kInternal, error.what()));
    }
  }
}

bool WindowRunner::reopen(OpenDevice& device) {
  try {
    return device.device->reopen();
  } catch (const std::exception&) {
    return false;  // the failure before it says more
  }
}

WindowRunner::Window WindowRunner::next() {
  std::unique_lock<std::mutex> lock(mutex_);
  changed_.wait(lock, [&] { return done_.count(delivered_) != 0 || working_ == 0; });
  const auto found = done_.find(delivered_);
  if (found == done_.end()) throw Error(*first_failure_);
  Window result = std::move(found->second);
  done_.erase(found);
  ++delivered_;
  lock.unlock();
  changed_.notify_all();
  return result;
}

std::vector<std::string> WindowRunner::failures() {
  const std::lock_guard<std::mutex> lock(mutex_);
  return failures_;
}

}  // namespace squat::cli
