// SPDX-License-Identifier: Apache-2.0
// When the accelerator's units work, from the records of its commands.
#pragma once

#include <nlohmann/json.hpp>

namespace squat::report {

/// `commands`: rows of bench --profile. For the first pass of each device and phase one row per unit (load, gemm, vec, io) and
/// bin of equal length: "device", "phase", "unit", "start", "end" (cycles), "busy" (share of the bin's cycles, 0..1). A
/// command's busy cycles are spread evenly from its first to its last busy cycle (load, gemm) or over its run.
nlohmann::json busy_over_time(const nlohmann::json& commands, int bins);

/// The commands of one layer in the middle of the first pass of each device and phase: "device", "phase", "layer", "unit",
/// "role", "head", "start", "end", "weight_stall", "drain_stall".
nlohmann::json commands_of_middle_layer(const nlohmann::json& commands);

}  // namespace squat::report
