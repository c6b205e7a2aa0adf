// SPDX-License-Identifier: Apache-2.0
// Ctrl-C and termination as a request to stop after the current step, so that the run is saved.
#pragma once

#include <csignal>

namespace squat::qat {

/// While one exists, the first SIGINT or SIGTERM only sets requested(); the second one ends the process.
class StopSignals {
 public:
  StopSignals();
  StopSignals(const StopSignals&) = delete;
  StopSignals& operator=(const StopSignals&) = delete;
  ~StopSignals();

  bool requested() const;
  /// The signal that was sent; 0 when none was.
  int signal() const;

 private:
  struct sigaction interrupt_, terminate_;
};

}  // namespace squat::qat
