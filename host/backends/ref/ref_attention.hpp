// SPDX-License-Identifier: Apache-2.0
// Causal attention with grouped key-value heads: query head h reads key-value head h / (heads / kv_heads).
// T tokens of the pass at positions first .. first+T-1, L = first + T keys in the cache.
#pragma once

#include <cstdint>
#include <vector>

#include "host/backends/ref/ref_layer.hpp"

namespace squat::backends::ref {

struct Attention {
  Wide scores;                             ///< (heads, T, L); 0 for keys after the token
  Probabilities prob;                      ///< (heads, T, L); 0 for keys after the token
  std::vector<std::uint32_t> token_score;  ///< (T): sum over heads of the wide probability of key 0
};

/// q (T, heads * head_dim), keys (L, kv_heads * head_dim).
Attention attend(const model::ModelConfig& c, const Codes& q, const Codes& keys, hls::Requant score, int first);

/// Sums of probability * value (T, heads * head_dim); values (L, kv_heads * head_dim).
Wide weigh(const model::ModelConfig& c, const Attention& attention, const Codes& values);

/// The sums -> o_proj input codes.
Codes attention_codes(const Wide& sums, hls::Requant r, const Widths& widths);

}  // namespace squat::backends::ref
