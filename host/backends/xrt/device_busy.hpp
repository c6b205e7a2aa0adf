// SPDX-License-Identifier: Apache-2.0
// Whether some device of this process is at work. A signal that arrives meanwhile must not end the process before the device
// was given back.
#pragma once

#include <atomic>

namespace squat::backends {

/// Marks its lifetime. any() may be called in a signal handler.
class DeviceBusy {
 public:
  DeviceBusy() { ++count(); }
  DeviceBusy(const DeviceBusy&) = delete;
  DeviceBusy& operator=(const DeviceBusy&) = delete;
  ~DeviceBusy() { --count(); }

  static bool any() { return count().load() != 0; }

 private:
  static_assert(std::atomic<int>::is_always_lock_free);
  static std::atomic<int>& count() {
    static std::atomic<int> calls{0};
    return calls;
  }
};

}  // namespace squat::backends
