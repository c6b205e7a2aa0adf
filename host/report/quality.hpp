// SPDX-License-Identifier: Apache-2.0
// Quality against latency: results of eval joined with rows of compare.
#pragma once

#include <nlohmann/json.hpp>
#include <string>

namespace squat::report {

/// One row per result of eval ("squat.eval/1") and row of compare ("squat.compare/1") with the same column of the paper's
/// table: "measure" ("perplexity" or "accuracy", with what it was taken on), "quality", "lower_is_better", "model", "setting",
/// "label" (device, configuration, source), "phase", "ms_per_token", and "front": no other row of the same measure, label and
/// phase is at least as good and as fast, and better in one of the two. Published rows have no quality of ours and are left
/// out.
nlohmann::json quality_rows(const nlohmann::json& compare, const nlohmann::json& evals);

/// Device, configuration and source of a row: "estimate kv260, estimated".
std::string label_of(const nlohmann::json& row);

/// The name of a row's column in the paper's table; empty when it has none.
std::string setting_of(const nlohmann::json& row);

}  // namespace squat::report
