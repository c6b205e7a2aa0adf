// SPDX-License-Identifier: Apache-2.0
// The tables of bench --profile, from the accelerator's counters of every command.
#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "host/engine/device.hpp"

namespace squat::cli {

/// What one phase (prefill, decode) of one device did, kernel start by kernel start.
struct ProfiledPhase {
  std::string device, phase;
  int cells = 0;  ///< of the device's array
  std::vector<engine::PassProfile> passes;
};

/// Arrays of rows; docs/use/profile.md has the columns.
nlohmann::ordered_json linear_table(const model::IntegerModel& m, const std::vector<ProfiledPhase>& phases);
nlohmann::ordered_json role_table(const model::IntegerModel& m, const std::vector<ProfiledPhase>& phases);
nlohmann::ordered_json layer_table(const std::vector<ProfiledPhase>& phases);
nlohmann::ordered_json command_table(const std::vector<ProfiledPhase>& phases);

/// What the tables' terms mean, for the "definition" of a result.
nlohmann::ordered_json profile_definition();

}  // namespace squat::cli
