// SPDX-License-Identifier: Apache-2.0
// The length of all gradients together, and how far it must be shortened.
#pragma once

#include "qat/model/parameter_set.hpp"
#include "qat/optim/blocks.hpp"

namespace squat::qat {

/// sqrt of the sum of squares of every gradient, summed in double precision in a fixed order. NaN or infinite when one of
/// them is.
double gradient_norm(const ParameterSet& parameters, const ForEachBlock& for_each = serially);

/// Factor that brings the norm down to `limit`: min(1, limit / (norm + 1e-6)), as torch's clip_grad_norm_; 1 when limit is 0.
double clip_factor(double norm, double limit);

}  // namespace squat::qat
