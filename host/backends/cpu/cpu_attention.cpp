// SPDX-License-Identifier: Apache-2.0
#include "host/backends/cpu/cpu_attention.hpp"

namespace squat::backends::cpu {
namespace {

/// Start of the row of a head and token in a (heads, T, L) tensor.
std::size_t row_start(int head, int token, int tokens, int first) {
  return static_cast<std::size_t>(head * tokens + token) * static_cast<std::size_t>(first + tokens);
}

}  // namespace

void attend(const model::ModelConfig& c, const WideCodes& q, const LayerCache& cache, hls::Requant score, int first,
            AttentionPass& pass) {
  const int tokens = q.tokens;
  const std::size_t size = row_start(c.heads, 0, tokens, first);
  pass.scores.assign(size, 0);
  pass.prob.assign(size, 0);
  pass.token_score.assign(static_cast<std::size_t>(tokens), 0);
  const int group = c.heads / c.kv_heads;
  for (int h = 0; h < c.heads; ++h) {
    const std::int8_t* keys = cache.keys.data() + cache_offset(c, h / group, 0);
    for (int t = 0; t < tokens; ++t) {
      const std::int16_t* query = q.row(t) + h * c.head_dim;
      const int visible = first + t + 1;
      const std::size_t start = row_start(h, t, tokens, first);
      for (int j = 0; j < visible; ++j) {
        pass.scores[start + static_cast<std::size_t>(j)] =
            dot(keys + static_cast<std::ptrdiff_t>(j) * c.head_dim, query, c.head_dim);
      }
      std::uint32_t wide0 = 0;
      hls::softmax_row(pass.scores.data() + start, visible, score, pass.prob.data() + start, wide0);
      pass.token_score[static_cast<std::size_t>(t)] += wide0;
    }
  }
}

void weigh(const model::ModelConfig& c, const LayerCache& cache, int first, int tokens, AttentionPass& pass) {
  pass.sums.assign(static_cast<std::size_t>(tokens) * static_cast<std::size_t>(c.q_size()), 0);
  const int group = c.heads / c.kv_heads;
  for (int h = 0; h < c.heads; ++h) {
    const std::int8_t* values = cache.values.data() + cache_offset(c, h / group, 0);
    for (int t = 0; t < tokens; ++t) {
      const std::uint8_t* prob = pass.prob.data() + row_start(h, t, tokens, first);
      std::int32_t* sum = pass.sums.data() + static_cast<std::ptrdiff_t>(t) * c.q_size() + h * c.head_dim;
      for (int j = 0; j <= first + t; ++j) {
        if (prob[j] != 0) accumulate(prob[j], values + static_cast<std::ptrdiff_t>(j) * c.head_dim, c.head_dim, sum);
      }
    }
  }
}

}  // namespace squat::backends::cpu
