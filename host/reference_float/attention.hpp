// SPDX-License-Identifier: Apache-2.0
// Rotary positions and causal attention in single precision.
#pragma once

#include <cstdint>
#include <vector>

#include "host/model/model_config.hpp"

namespace squat::reference {

/// cos and sin of position * theta^(-2i / head_dim): (positions, head_dim / 2) each.
struct RotaryTable {
  int positions = 0;
  std::vector<float> cosine, sine;
  void extend(const model::ModelConfig& config, int needed);
};

/// Rotates x (tokens, heads * head_dim) in place; element i of a head pairs with element i + head_dim / 2.
void rotate(float* x, int tokens, int heads, int head_dim, const RotaryTable& table);

/// Softmax of the causal scores of all heads.
/// q (tokens, heads * head_dim), k (tokens, kv_heads * head_dim) -> probabilities (heads, tokens, tokens), zero above the
/// diagonal; scores (tokens) = sum over heads of round(probability of token 0 * 2^16).
void attention_probabilities(const model::ModelConfig& config, const float* q, const float* k, int tokens,
                             std::vector<float>& probabilities, std::vector<std::uint32_t>& scores);

/// out (tokens, heads * head_dim) = probabilities * v, v (tokens, kv_heads * head_dim).
void attention_values(const model::ModelConfig& config, const std::vector<float>& probabilities, const float* v, int tokens,
                      float* out);

}  // namespace squat::reference
