// SPDX-License-Identifier: Apache-2.0
// The tables of bench --profile, from the accelerator's counters of every command.
#pragma once

#include <functional>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "host/cli/devices.hpp"

namespace squat::cli {

/// What one phase (prefill, decode) of one device did, kernel start by kernel start.
struct ProfiledPhase {
  std::string device, phase;
  int cells = 0;  ///< of the device's array
  std::vector<engine::PassProfile> passes;
};

/// For MeasureOptions::each_pass: gathers the profiles of a device's passes by phase. `phases` must outlive it.
std::function<void(const std::string& phase, const engine::PassResult& result)> gather_profile(
    std::vector<ProfiledPhase>& phases, const OpenDevice& opened);

/// Adds the tables and their definition to a result of bench: those over roles and layers for reading, with `commands` that
/// of every command too.
void add_profile(nlohmann::ordered_json& object, const model::IntegerModel& m, const std::vector<ProfiledPhase>& phases,
                 bool commands);

/// Arrays of rows; docs/use/profile.md has the columns.
nlohmann::ordered_json linear_table(const model::IntegerModel& m, const std::vector<ProfiledPhase>& phases);
nlohmann::ordered_json role_table(const model::IntegerModel& m, const std::vector<ProfiledPhase>& phases);
nlohmann::ordered_json layer_table(const std::vector<ProfiledPhase>& phases);
nlohmann::ordered_json command_table(const std::vector<ProfiledPhase>& phases);

}  // namespace squat::cli
