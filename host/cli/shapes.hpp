// SPDX-License-Identifier: Apache-2.0
// --shape: named shapes for bench and compare.
#pragma once

#include <string>
#include <vector>

#include "host/model/model_config.hpp"

namespace squat::cli {

/// What --shape accepts.
const std::vector<std::string>& shape_names();

/// Throws an Error (device unavailable) for a shape whose architecture is not supported yet.
model::ModelConfig named_shape(const std::string& name);

}  // namespace squat::cli
