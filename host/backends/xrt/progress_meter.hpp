// SPDX-License-Identifier: Apache-2.0
// Turns cycle counts of a run into progress calls at a steady pace.
#pragma once

#include <chrono>
#include <cstdint>
#include <utility>

#include "host/backends/xrt/transport_options.hpp"

namespace squat::backends {

class ProgressMeter {
 public:
  static constexpr std::chrono::milliseconds kPace{250};

  explicit ProgressMeter(ProgressFunction function) : function_(std::move(function)) {}

  /// Whether update() would call: reading the cycles may cost more than asking.
  bool due() const { return function_ && Clock::now() - last_ >= kPace; }

  /// Calls the function when kPace has passed since the last call.
  void update(std::uint64_t cycles) {
    if (!function_) return;
    const auto now = Clock::now();
    if (now - last_ < kPace) return;
    const double seconds = std::chrono::duration<double>(now - last_).count();
    function_(cycles, static_cast<double>(cycles - cycles_) / seconds);
    last_ = now;
    cycles_ = cycles;
  }

 private:
  using Clock = std::chrono::steady_clock;
  ProgressFunction function_;
  Clock::time_point last_ = Clock::now();
  std::uint64_t cycles_ = 0;
};

}  // namespace squat::backends
