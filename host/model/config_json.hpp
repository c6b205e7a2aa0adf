// SPDX-License-Identifier: Apache-2.0
// config.json <-> ModelConfig. What the kernels cannot run is refused by name, never ignored.
#pragma once

#include <nlohmann/json.hpp>
#include <string>

#include "host/model/model_config.hpp"

namespace squat::model {

/// Reads the Hugging Face fields of a LLaMA or GPT-2 model; defaults as in Hugging Face, see docs/reference/model_directory.md.
/// Throws input_error for missing fields, values out of range, and features that change the result but are not
/// supported: other architectures, rope scaling, biases of LLaMA, other activations, sliding windows.
ModelConfig config_from_json(const nlohmann::json& json, const std::string& file);

/// The same fields, readable by Hugging Face tools and by config_from_json.
nlohmann::ordered_json config_to_json(const ModelConfig& config);

}  // namespace squat::model
