// SPDX-License-Identifier: Apache-2.0
// Wall clock of repeated runs, as fields of a result row.
#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

namespace squat::cli {

/// Adds "ms_per_token" (the median), "source", and the least, mean and standard deviation. milliseconds: per run, all its
/// tokens.
void add_times(nlohmann::ordered_json& row, std::vector<double> milliseconds, int tokens, const std::string& source);

}  // namespace squat::cli
