// SPDX-License-Identifier: Apache-2.0
// Where checkers and memory report what went wrong. The first message decides the error text of the run.
#pragma once

#include <cstdio>
#include <string>

namespace squat::sim {

/// Collects errors of one simulated device. Messages also go to standard error as they happen (the first kPrinted of
/// a run), so that a run that hangs afterwards still shows its cause.
class SimulationLog {
 public:
  static constexpr unsigned kPrinted = 20;

  explicit SimulationLog(bool print = true) : print_(print) {}

  void error(const std::string& message) {
    if (count_ == 0) first_ = message;
    if (print_ && count_ < kPrinted) std::fprintf(stderr, "squat simulation: ERROR: %s\n", message.c_str());
    ++count_;
  }

  bool failed() const { return count_ != 0; }
  unsigned count() const { return count_; }
  const std::string& first() const { return first_; }
  void clear() {
    count_ = 0;
    first_.clear();
  }

 private:
  bool print_;
  unsigned count_ = 0;
  std::string first_;
};

}  // namespace squat::sim
