// SPDX-License-Identifier: Apache-2.0
// Ctrl-C and SIGTERM while a model directory is being written: nothing half-written stays.
#pragma once

#include <csignal>
#include <thread>

namespace squat::cli {

/// While it lives, SIGINT and SIGTERM remove the staged directories of this process and end it with 128 + signal.
/// One at a time, and made before other threads start, so that they inherit the blocked signals.
class InterruptGuard {
 public:
  InterruptGuard();
  InterruptGuard(const InterruptGuard&) = delete;
  InterruptGuard& operator=(const InterruptGuard&) = delete;
  ~InterruptGuard();

 private:
  sigset_t signals_, before_;
  std::thread waiter_;
};

}  // namespace squat::cli
