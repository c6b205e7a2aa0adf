// SPDX-License-Identifier: Apache-2.0
// Width policies between the library's words and the model's numbers.
#pragma once

#include "host/model/integer_model.hpp"
#include "host/squat/model.hpp"

namespace squat::api {

Widths widths_of(const model::WidthPolicy& policy);

/// The policy that `wanted` stands for on a model with policy `own`, whose thresholds it takes over. Throws a usage_error for
/// words and shares that are none, and for token rules on a model that was not calibrated for any.
model::WidthPolicy policy_of(const Widths& wanted, const model::WidthPolicy& own);

}  // namespace squat::api
