// SPDX-License-Identifier: Apache-2.0
// One progress line with the time left, on standard error and only when that is a terminal.
#pragma once

#include <chrono>
#include <string>

namespace squat::cli {

class Progress {
 public:
  explicit Progress(std::string what);
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;
  /// Clears the line.
  ~Progress();

  void update(int done, int total);

 private:
  std::string what_;
  bool terminal_;
  bool shown_ = false;
  std::chrono::steady_clock::time_point start_, last_;
};

}  // namespace squat::cli
