// SPDX-License-Identifier: Apache-2.0
// The settings of the paper's Table IV on several devices: what squat compare prints and squat report draws.
#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "host/cli/bench_options.hpp"

namespace squat::cli {

struct ComparisonOptions {
  BenchOptions bench;                ///< no devices: cpu and, where it is built, sim
  std::vector<std::string> configs;  ///< of sim and estimate; empty: one, as --config has it elsewhere
};

struct ComparisonResult {
  nlohmann::ordered_json object;  ///< "squat.compare/1"
  ExitCode code = ExitCode::kOk;  ///< device unavailable or failed when one was left out
};

/// Runs every setting that a device has on every device and adds the published rows. A device that cannot run is left out with
/// a note. Throws usage_error for what cannot be meant.
ComparisonResult run_comparison(const CommonOptions& given, const ComparisonOptions& options);

}  // namespace squat::cli
