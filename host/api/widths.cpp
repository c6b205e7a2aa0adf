// SPDX-License-Identifier: Apache-2.0
#include "host/api/widths.hpp"

#include <optional>

#include "host/model/error.hpp"
#include "host/model/width_names.hpp"

namespace squat::api {

using model::Activations;

Widths widths_of(const model::WidthPolicy& policy) {
  Widths widths;
  widths.activations = model::activations_name(policy.activations);
  widths.share = model::rho_of(policy);
  if (policy.activations != Activations::kMixed) return widths;
  widths.rule = model::rule_name(policy.rule);
  widths.seed = policy.seed;
  return widths;
}

model::WidthPolicy policy_of(const Widths& wanted, const model::WidthPolicy& own) {
  if (!(wanted.share >= 0.0 && wanted.share <= 1.0)) {
    throw usage_error("widths.share is " + std::to_string(wanted.share) + ": expected 0 to 1");
  }
  std::optional<model::WidthPolicy> policy = model::parse_policy(wanted.activations, wanted.rule, wanted.share, wanted.seed);
  if (!policy) {
    throw usage_error(
        "widths '" + wanted.activations + "' with rule '" + wanted.rule +
        "': expected activations 8, 4 or mixed, and for mixed the rule budget, sequence, prefix, random or reversed");
  }
  if (policy->activations != Activations::kMixed) return *policy;
  if (own.activations != Activations::kMixed) {
    throw usage_error("widths mixed: the model was quantised with activations " +
                      std::string(model::activations_name(own.activations)) +
                      " and has no thresholds for a token rule; quantise it with --activations mixed");
  }
  policy->thresholds = own.thresholds;
  return *policy;
}

}  // namespace squat::api
