// SPDX-License-Identifier: Apache-2.0
// Calls into a device's driver on a thread of their own, so that a call that never returns costs its time limit and no more.
#pragma once

#include <chrono>
#include <functional>
#include <future>
#include <memory>
#include <string>
#include <type_traits>
#include <utility>

#include "host/backends/xrt/device_busy.hpp"
#include "host/backends/xrt/transport_options.hpp"

namespace squat::backends {

/// One call at a time. A call must own all that it touches: when it does not return in time, the thread is left behind with it
/// and ends only with the process.
class DeviceThread {
 public:
  enum class Purpose { kWork, kCleanUp };

  explicit DeviceThread(StopFunction stop);
  DeviceThread(const DeviceThread&) = delete;
  DeviceThread& operator=(const DeviceThread&) = delete;
  ~DeviceThread();

  /// Runs f and returns its result or throws what it throws. Throws squat::Error (kDeviceFailed) naming `what` when that takes
  /// longer than `limit`, when the program was asked to stop and the call does not return soon after, and on every call after
  /// one of these. Once the program was asked to stop only what cleans up is begun.
  template <class F>
  auto call(const std::string& what, std::chrono::milliseconds limit, F&& f, Purpose purpose = Purpose::kWork)
      -> std::invoke_result_t<F> {
    const DeviceBusy busy;
    if (purpose == Purpose::kWork) refuse_when_stopping();
    auto task = std::make_shared<std::packaged_task<std::invoke_result_t<F>()>>(std::forward<F>(f));
    auto result = task->get_future();
    post([task] { (*task)(); });
    task.reset();
    wait(what, limit, [&result] { return result.wait_for(std::chrono::seconds(0)) == std::future_status::ready; });
    return result.get();
  }

  /// A call comes within a moment: the thread wakes and waits for it, a quarter of a millisecond at most.
  void expect_call();
  /// For the call to say that it is about to return: the caller wakes and waits for it, no longer than that.
  std::function<void()> announcer() const;

  /// A call did not return; what it holds must stay.
  bool left_behind() const { return left_behind_; }

  /// Some thread of this process was left behind: the process must not run the destructors of its driver, which would wait.
  static bool any_left_behind();

 private:
  struct Shared;
  void refuse_when_stopping() const;
  void post(std::function<void()> task);
  void wait(const std::string& what, std::chrono::milliseconds limit, const std::function<bool()>& done);

  StopFunction stop_;
  std::shared_ptr<Shared> shared_;
  bool left_behind_ = false;
};

}  // namespace squat::backends
