// SPDX-License-Identifier: Apache-2.0
// How strongly the loss depends on each token, layer by layer.
#pragma once

#include <functional>
#include <vector>

#include "host/model/float_model.hpp"

namespace squat::qat {

/// A function that gives, for one window, the length (L2) of the gradient of its mean cross entropy by the residual stream at
/// the input of every layer: (layers) of (tokens). The model is not rounded. It keeps the weights.
std::function<std::vector<std::vector<double>>(const int* ids, int tokens)> window_gradients(const model::FloatModel& weights);

}  // namespace squat::qat
