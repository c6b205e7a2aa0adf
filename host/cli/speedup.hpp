// SPDX-License-Identifier: Apache-2.0
// Speed-ups between rows that may be compared: of one device, at equal shape, phase, tokens and context.
#pragma once

#include <nlohmann/json.hpp>

namespace squat::cli {

/// Adds "speedup_fp16" and "speedup_w8a8" to every row: how many times as fast it is as the FP16 and the W8A8 row of the same
/// device, config, shape, phase, tokens, context and source; null where there is none.
void add_speedups(nlohmann::ordered_json& rows);

}  // namespace squat::cli
