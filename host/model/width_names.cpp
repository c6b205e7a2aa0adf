// SPDX-License-Identifier: Apache-2.0
#include "host/model/width_names.hpp"

#include <cmath>

namespace squat::model {

const char* activations_name(Activations activations) {
  switch (activations) {
    case Activations::k8:
      return "8";
    case Activations::k4:
      return "4";
    case Activations::kMixed:
      return "mixed";
  }
  return "?";
}

std::optional<Activations> parse_activations(const std::string& name) {
  for (const Activations a : {Activations::k8, Activations::k4, Activations::kMixed}) {
    if (name == activations_name(a)) return a;
  }
  return std::nullopt;
}

const char* rule_name(hls::WidthRule rule) {
  switch (rule) {
    case hls::WidthRule::kAll8:
      return "all8";
    case hls::WidthRule::kAll4:
      return "all4";
    case hls::WidthRule::kSequence:
      return "sequence";
    case hls::WidthRule::kBudget:
      return "budget";
    case hls::WidthRule::kPrefix:
      return "prefix";
    case hls::WidthRule::kRandom:
      return "random";
    case hls::WidthRule::kReversed:
      return "reversed";
  }
  return "?";
}

std::optional<hls::WidthRule> parse_rule(const std::string& name) {
  using Rule = hls::WidthRule;
  for (const Rule rule : {Rule::kSequence, Rule::kBudget, Rule::kPrefix, Rule::kRandom, Rule::kReversed}) {
    if (name == rule_name(rule)) return rule;
  }
  return std::nullopt;
}

double rho_of(const WidthPolicy& widths) {
  if (widths.activations == Activations::k8) return 1.0;
  if (widths.activations == Activations::k4) return 0.0;
  return static_cast<double>(widths.rho_num) / hls::kRhoDen;
}

std::optional<WidthPolicy> parse_policy(const std::string& activations, const std::string& rule, double rho,
                                        std::uint32_t seed) {
  const std::optional<Activations> parsed = parse_activations(activations);
  if (!parsed) return std::nullopt;
  WidthPolicy widths;
  widths.activations = *parsed;
  if (*parsed != Activations::kMixed) return widths;
  const std::optional<hls::WidthRule> parsed_rule = parse_rule(rule);
  if (!parsed_rule) return std::nullopt;
  widths.rule = *parsed_rule;
  widths.rho_num = static_cast<std::uint32_t>(std::lround(rho * hls::kRhoDen));
  widths.seed = seed;
  return widths;
}

}  // namespace squat::model
