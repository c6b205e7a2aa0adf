// SPDX-License-Identifier: Apache-2.0
// The state of a run with few parameters.
#pragma once

#include "qat/checkpoint/checkpoint.hpp"

namespace squat::fuzz {

struct ToyState {
  static qat::ParameterSet few_parameters() {
    qat::ParameterSet set;
    set.add("weights", {3, 2}, qat::ParameterKind::kMatrix);
    set.add("weights.alpha", {1}, qat::ParameterKind::kScale);
    for (std::size_t i = 0; i < set.size(); ++i) set.values()[i] = 1.0f + static_cast<float>(i) / 16.0f;
    return set;
  }
  qat::ParameterSet parameters = few_parameters();
  qat::AdamW optimiser{parameters, qat::AdamWOptions()};
  qat::RunState state;
};

}  // namespace squat::fuzz
