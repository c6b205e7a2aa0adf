// SPDX-License-Identifier: Apache-2.0
// Between the trainer's parameters and a float model as files hold it.
#pragma once

#include "host/model/float_model.hpp"
#include "qat/model/parameter_set.hpp"

namespace squat::qat {

/// Every weight of `from` into the parameters of the same names; scales stay. GPT-2's q, k and v become c_attn, and its linear
/// layers turn from rows of outputs to Conv1D's rows of inputs. Throws usage_error for another shape.
void set_weights(const model::FloatModel& from, ParameterSet& to);

/// The other way, for a model of this shape.
model::FloatModel get_weights(const model::ModelConfig& config, const ParameterSet& from);

}  // namespace squat::qat
