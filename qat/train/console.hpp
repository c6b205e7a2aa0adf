// SPDX-License-Identifier: Apache-2.0
// The live line of a training run on standard error; silent when that is no terminal.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>

#include "qat/train/step_report.hpp"

namespace squat::qat {

class Console {
 public:
  Console();
  Console(const Console&) = delete;
  Console& operator=(const Console&) = delete;
  /// Ends the line.
  ~Console();

  /// Shows at most five lines per second; `first` is the step this process started after.
  void show(const StepReport& report, std::int64_t first, std::int64_t last);
  /// A message above the live line; also without a terminal.
  void say(const char* text);

 private:
  bool terminal_;
  bool shown_ = false;
  std::chrono::steady_clock::time_point last_;
};

/// "1:02:03" or "2:03".
std::string duration_text(double seconds);
/// "step 120/900  loss 4.213 (ce 4.5 kl 0.31)  rate 2.5e-04  8-bit 50 %  3300 tokens/s  12:30 left".
std::string progress_text(const StepReport& report, std::int64_t first, std::int64_t last);

}  // namespace squat::qat
