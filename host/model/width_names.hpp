// SPDX-License-Identifier: Apache-2.0
// The words for widths and rules in config.json, on the command line and in reports.
#pragma once

#include <cstdint>
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

/// The wanted share of 8-bit tokens: 1 and 0 for uniform models.
double rho_of(const WidthPolicy& widths);
/// A policy from its words; `rho` (0..1), rounded to 1/hls::kRhoDen, `rule` and `seed` count when it is mixed. Thresholds stay
/// empty. Nothing when a word that counts is none of them.
std::optional<WidthPolicy> parse_policy(const std::string& activations, const std::string& rule, double rho,
                                        std::uint32_t seed);

}  // namespace squat::model
