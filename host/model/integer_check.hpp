// SPDX-License-Identifier: Apache-2.0
// What every device may rely on about an integer model.
#pragma once

#include <string>

#include "host/model/integer_model.hpp"

namespace squat::model {

/// Checks shapes, narrow code ranges, requantisation integers, norm gains, offsets and shifts, thresholds, scales, that no
/// accumulator of a linear layer, its bias included, can reach 2^26, and what belongs to one architecture only. Throws
/// input_error naming `source` and the field.
void check_integer_model(const IntegerModel& model, const std::string& source);

}  // namespace squat::model
