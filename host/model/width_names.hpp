// SPDX-License-Identifier: Apache-2.0
// The words for widths and rules in config.json, on the command line and in reports.
#pragma once

#include <optional>
#include <string>

#include "host/model/integer_model.hpp"

namespace squat::model {

/// "8", "4" or "mixed".
const char* activations_name(Activations activations);
std::optional<Activations> parse_activations(const std::string& name);

/// "all8", "all4", "sequence", "budget", "prefix", "random" or "reversed".
const char* rule_name(hls::WidthRule rule);
/// Only the rules of mixed models: "sequence", "budget", "prefix", "random" and "reversed".
std::optional<hls::WidthRule> parse_rule(const std::string& name);

}  // namespace squat::model
