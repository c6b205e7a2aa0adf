// SPDX-License-Identifier: Apache-2.0
// The rows of compare in the layout of the paper's Table IV.
#pragma once

#include <nlohmann/json.hpp>

namespace squat::cli {

/// One line per device, config, shape, phase and source; columns FP16, W8A8, W4A8, "4:8 = 1:3", "4:8 = 1:1", "4:8 = 3:1", W4A4
/// hold ms per token.
nlohmann::ordered_json summary_of(const nlohmann::ordered_json& results);

/// Tables of at most 80 columns for reading, by title: times, first token, tokens per second, speed-ups, bytes and the limit of
/// each phase, then the published times. Values are texts of at most five characters.
nlohmann::ordered_json reading_tables(const nlohmann::ordered_json& results);

}  // namespace squat::cli
