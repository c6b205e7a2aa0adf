// SPDX-License-Identifier: Apache-2.0
// One progress line with the time left, on standard error and only when that is a terminal.
#pragma once

#include <chrono>
#include <cstdint>
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
  std::chrono::steady_clock::time_point start_, last_;
};

/// Clears a line that is shown; called before anything else is printed.
void clear_progress();

/// Says on a terminal that a long simulation is alive; the next Progress line replaces it.
void show_simulation(std::uint64_t cycles, double cycles_per_second);

}  // namespace squat::cli
