// SPDX-License-Identifier: Apache-2.0
// config.json <-> ModelConfig. What the kernels cannot run is refused by name, never ignored.
#pragma once

#include <nlohmann/json.hpp>
#include <string>

#include "host/model/model_config.hpp"

namespace squat::model {

/// Reads the Hugging Face fields of a LLaMA model. Defaults as in Hugging Face: num_key_value_heads = num_attention_heads,
/// head_dim = hidden_size / num_attention_heads, rope_theta = 10000, tie_word_embeddings = false, bos 1, eos 2.
/// Throws input_error for missing fields, values out of range, and features that change the result but are not
/// supported: other architectures, rope scaling, biases, activations other than SiLU, sliding windows.
ModelConfig config_from_json(const nlohmann::json& json, const std::string& file);

/// The same fields, readable by Hugging Face tools and by config_from_json.
nlohmann::ordered_json config_to_json(const ModelConfig& config);

}  // namespace squat::model
