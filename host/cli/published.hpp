// SPDX-License-Identifier: Apache-2.0
// Latencies that the Squat paper reports, for comparison only: nothing here was measured by this program.
#pragma once

#include <nlohmann/json.hpp>

namespace squat::cli {

/// Rows with source "published" from Table IV of arXiv 2402.10787 v2: ms per token, 128 input tokens.
nlohmann::ordered_json published_rows();

}  // namespace squat::cli
