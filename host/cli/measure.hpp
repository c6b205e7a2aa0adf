// SPDX-License-Identifier: Apache-2.0
// One prefill and some decoding on one device, as result rows of bench and compare.
#pragma once

#include <functional>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>

#include "host/cli/devices.hpp"
#include "host/cli/roofline.hpp"

namespace squat::cli {

struct MeasureOptions {
  int prefill = 128;       ///< tokens of the prompt
  int decode = 16;         ///< tokens decoded one by one after it; 0 = none
  double seconds = 0.5;    ///< least measured time per phase on devices with a clock of their own
  std::uint32_t seed = 0;  ///< of the token ids
  int threads = 1;         ///< of modelled devices
  /// When set, rows get the columns of roofline.hpp, the accelerator's "config" and, from its counters,
  /// "moved_bytes_per_token"; an empty function is a device without a known limit.
  std::optional<LimitFunction> limit;
  /// Called with the phase and every pass of the first run that counts; may be empty.
  std::function<void(const std::string& phase, const engine::PassResult& result)> each_pass;
};

/// Rows "prefill" and "decode" (when asked for). Measured devices: one warm-up run, then runs until `seconds` are over, at
/// least three; ms_per_token is the median. Simulated and estimated ones: one run, cycles from start to done at an assumed
/// clock. Modelled ones: one run, and both rows for every core of the model.
nlohmann::ordered_json measure(const OpenDevice& opened, const std::string& shape, const MeasureOptions& options,
                               const std::function<void(int done, int total)>& progress);

}  // namespace squat::cli
