// SPDX-License-Identifier: Apache-2.0
#include "host/backends/xrt/device_thread.hpp"

#include <algorithm>
#include <atomic>
#include <mutex>
#include <thread>
#include <utility>

#include "host/backends/xrt/doorbell.hpp"
#include "host/model/error.hpp"

namespace squat::backends {
namespace {

using Clock = std::chrono::steady_clock;

constexpr std::chrono::milliseconds kLook{50};         ///< between two looks at whether to stop
constexpr std::chrono::milliseconds kStopGrace{1500};  ///< for a call to return once the program was asked to stop
constexpr std::chrono::hours kIdle{1};                 ///< between two looks at nothing

// How long a thread stays awake for what comes next before it sleeps.
constexpr std::chrono::microseconds kNextCall{20};    ///< the device's thread after a call
constexpr std::chrono::microseconds kAnnounced{250};  ///< both, after a word that it comes at once
constexpr std::chrono::microseconds kAnswer{40};      ///< the caller

std::atomic<bool> some_left_behind{false};

}  // namespace

/// What the thread uses, alive as long as it.
struct DeviceThread::Shared {
  Doorbell posted;    ///< rung for a task, for the end, and when a task is about to come
  Doorbell answered;  ///< rung when a task is done, and when it is about to be
  std::mutex mutex;   ///< of the two below
  std::function<void()> task;
  bool ending = false;
  std::thread thread;

  std::function<void()> take() {
    const std::lock_guard<std::mutex> lock(mutex);
    return std::exchange(task, nullptr);
  }
  bool is_ending() {
    const std::lock_guard<std::mutex> lock(mutex);
    return ending;
  }

  void work() {
    std::chrono::microseconds awake{0};
    for (std::uint64_t seen = 0;;) {
      posted.wait(seen, kIdle, awake);
      seen = posted.rings();
      if (std::function<void()> next = take()) {
        next();
        next = nullptr;  // what it holds is given up before the caller goes on
        answered.ring();
        awake = kNextCall;
      } else if (is_ending()) {
        return;
      } else {
        awake = kAnnounced;
      }
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
  shared_->posted.ring();
  if (left_behind_)
    shared_->thread.detach();
  else
    shared_->thread.join();
}

bool DeviceThread::any_left_behind() { return some_left_behind.load(); }

void DeviceThread::expect_call() { shared_->posted.ring(); }

std::function<void()> DeviceThread::announcer() const {
  return [shared = shared_] { shared->answered.ring(); };
}

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
  shared_->posted.ring();
}

void DeviceThread::wait(const std::string& what, std::chrono::milliseconds limit, const std::function<bool()>& done) {
  const auto start = Clock::now();
  auto end = start + limit;
  bool stopped = false;
  std::chrono::microseconds awake = kAnswer;
  for (auto now = start; now < end; now = Clock::now()) {
    const std::uint64_t seen = shared_->answered.rings();
    if (done()) return;
    awake = shared_->answered.wait(seen, std::min<Clock::duration>(end - now, kLook), awake) ? kAnnounced
                                                                                             : std::chrono::microseconds(0);
    if (!stopped && stop_ && stop_()) {
      stopped = true;
      end = std::min(end, Clock::now() + kStopGrace);
    }
  }
  if (done()) return;
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
