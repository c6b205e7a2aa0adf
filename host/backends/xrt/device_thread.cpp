// SPDX-License-Identifier: Apache-2.0
#include "host/backends/xrt/device_thread.hpp"

#include <algorithm>
#include <atomic>
#include <condition_variable>
#include <mutex>
#include <thread>

#include "host/model/error.hpp"

namespace squat::backends {
namespace {

using Clock = std::chrono::steady_clock;

constexpr std::chrono::milliseconds kLook{50};         ///< between two looks at whether to stop
constexpr std::chrono::milliseconds kStopGrace{1500};  ///< for a call to return once the program was asked to stop

std::atomic<bool> some_left_behind{false};

}  // namespace

/// What the thread uses, alive as long as it.
struct DeviceThread::Shared {
  std::mutex mutex;
  std::condition_variable posted;
  std::function<void()> task;
  bool ending = false;
  std::thread thread;

  void work() {
    for (;;) {
      std::function<void()> next;
      {
        std::unique_lock<std::mutex> lock(mutex);
        posted.wait(lock, [this] { return ending || task; });
        if (!task) return;
        next = std::move(task);
        task = nullptr;
      }
      next();
    }
  }
};

DeviceThread::DeviceThread(StopFunction stop) : stop_(std::move(stop)), shared_(std::make_shared<Shared>()) {
  shared_->thread = std::thread([shared = shared_] { shared->work(); });
}

DeviceThread::~DeviceThread() {
  {
    const std::lock_guard<std::mutex> lock(shared_->mutex);
    shared_->ending = true;
  }
  shared_->posted.notify_one();
  if (left_behind_)
    shared_->thread.detach();
  else
    shared_->thread.join();
}

bool DeviceThread::any_left_behind() { return some_left_behind.load(); }

void DeviceThread::refuse_when_stopping() const {
  if (stop_ && stop_()) throw Error(ExitCode::kDeviceFailed, "interrupted: the device was given back");
}

void DeviceThread::post(std::function<void()> task) {
  if (left_behind_) {
    throw Error(ExitCode::kDeviceFailed, "the device did not return from an earlier call; open it anew in a new process");
  }
  {
    const std::lock_guard<std::mutex> lock(shared_->mutex);
    shared_->task = std::move(task);
  }
  shared_->posted.notify_one();
}

void DeviceThread::wait(const std::string& what, std::chrono::milliseconds limit,
                        const std::function<bool(std::chrono::milliseconds)>& done) {
  const auto start = Clock::now();
  auto end = start + limit;
  bool stopped = false;
  for (auto now = start; now < end; now = Clock::now()) {
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(end - now);
    if (done(std::min(left, kLook))) return;
    if (!stopped && stop_ && stop_()) {
      stopped = true;
      end = std::min(end, Clock::now() + kStopGrace);
    }
  }
  if (done(std::chrono::milliseconds(0))) return;
  left_behind_ = true;
  some_left_behind = true;
  throw Error(ExitCode::kDeviceFailed,
              what +
                  (stopped ? " did not return when the program was asked to stop"
                           : " did not return within " + std::to_string(limit.count()) + " ms") +
                  ": the driver or the device hangs. End the programs that use the device and try again; if it stays so, reset "
                  "the board (xbutil reset, or power)");
}

}  // namespace squat::backends
