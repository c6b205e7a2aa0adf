// SPDX-License-Identifier: Apache-2.0
// Causal attention of the CPU device. The cache keeps every key-value head's positions together, so that a head is one linear
// stream.
#pragma once

#include <algorithm>
#include <cstdint>
#include <vector>

#include "hls/softmax.hpp"
#include "host/backends/cpu/gemm.hpp"

namespace squat::backends::cpu {

/// Positions a cache holds.
inline int cache_positions(const model::ModelConfig& c) { return std::min(c.max_positions, hls::kMaxKeys); }

/// Keys and values of one layer: (kv_heads, cache_positions, head_dim) each.
struct LayerCache {
  std::vector<std::int8_t> keys, values;
  std::uint32_t eight = 0;  ///< 8-bit tokens so far
};

/// Where a head's rows start in either half of the cache.
inline std::size_t cache_offset(const model::ModelConfig& c, int kv_head, int position) {
  return (static_cast<std::size_t>(kv_head) * static_cast<std::size_t>(cache_positions(c)) +
          static_cast<std::size_t>(position)) *
         static_cast<std::size_t>(c.head_dim);
}

/// Working memory of attention over T tokens at positions first .. first+T-1; L = first + T.
struct AttentionPass {
  std::vector<std::int32_t> scores;        ///< (heads, T, L), 0 after the token
  std::vector<std::uint8_t> prob;          ///< (heads, T, L), 0 after the token
  std::vector<std::uint32_t> token_score;  ///< (T)
  std::vector<std::int32_t> sums;          ///< (T, heads * head_dim)
};

/// Scores, probabilities and token scores of queries q (T, heads * head_dim).
void attend(const model::ModelConfig& c, const WideCodes& q, const LayerCache& cache, hls::Requant score, int first,
            AttentionPass& pass);

/// sums = probabilities * values.
void weigh(const model::ModelConfig& c, const LayerCache& cache, int first, int tokens, AttentionPass& pass);

}  // namespace squat::backends::cpu
