// SPDX-License-Identifier: Apache-2.0
// Shapes, width policies and the pass-by-pass comparison that tests of devices share.
#pragma once

#include <cstdint>
#include <random>
#include <vector>

#include "host/engine/device.hpp"
#include "tests/catch.hpp"

namespace squat::test {

inline std::vector<int> random_ids(int count, int vocab, unsigned seed) {
  std::mt19937 gen(seed);
  std::vector<int> ids;
  for (int i = 0; i < count; ++i) ids.push_back(static_cast<int>(gen() % static_cast<unsigned>(vocab)));
  return ids;
}

inline model::ModelConfig shape(int hidden, int ffn, int layers, int heads, int kv_heads, int head_dim, int vocab, bool tied) {
  model::ModelConfig c;
  c.vocab_size = vocab;
  c.hidden_size = hidden;
  c.intermediate_size = ffn;
  c.layers = layers;
  c.heads = heads;
  c.kv_heads = kv_heads;
  c.head_dim = head_dim;
  c.max_positions = 300;
  c.tied = tied;
  return c;
}

/// Heads of size hidden / heads that fill the hidden size; tied.
inline model::ModelConfig gpt2_shape(int hidden, int ffn, int layers, int heads, int vocab) {
  model::ModelConfig c = shape(hidden, ffn, layers, heads, heads, hidden / heads, vocab, true);
  c.model_type = "gpt2";
  c.rms_norm_eps = 1e-5;
  return c;
}

/// Grouped heads 4:2 of size 32.
inline model::ModelConfig small_shape(int layers = 3) { return shape(128, 192, layers, 4, 2, 32, 96, true); }
/// Heads of size 64, untied.
inline model::ModelConfig wide_shape(int layers = 2) { return shape(256, 320, layers, 4, 4, 64, 100, false); }
/// No dimension is a multiple of 64.
inline model::ModelConfig odd_shape(int layers = 2) { return shape(144, 208, layers, 3, 1, 32, 77, false); }

inline model::WidthPolicy mixed(hls::WidthRule rule, std::uint32_t rho_num) {
  model::WidthPolicy policy;
  policy.activations = model::Activations::kMixed;
  policy.rule = rule;
  policy.rho_num = rho_num;
  policy.seed = 7;
  return policy;
}

inline model::WidthPolicy uniform(model::Activations activations) {
  model::WidthPolicy policy;
  policy.activations = activations;
  return policy;
}

/// Runs passes of the given sizes on both devices; every pass must agree in logits and widths. Asks for all rows in even
/// passes.
inline void require_equal_passes(engine::Device& expected, engine::Device& actual, const std::vector<int>& passes,
                                 unsigned seed) {
  expected.reset();
  actual.reset();
  unsigned pass = 0;
  for (int tokens : passes) {
    const std::vector<int> ids = random_ids(tokens, expected.model().config.vocab_size, seed + pass);
    const engine::RowRange rows = pass % 2 == 0 ? engine::RowRange::kAll : engine::RowRange::kLast;
    const engine::PassResult want = expected.run(ids, rows);
    const engine::PassResult got = actual.run(ids, rows);
    INFO("pass " << pass << " of " << tokens << " tokens");
    REQUIRE(got.logits.size() == want.logits.size());
    std::size_t first = 0;
    while (first < got.logits.size() && got.logits[first] == want.logits[first]) ++first;
    INFO("first differing logit " << first << " of " << got.logits.size());
    REQUIRE(first == got.logits.size());
    REQUIRE(got.eight_tokens_per_layer == want.eight_tokens_per_layer);
    ++pass;
  }
}

}  // namespace squat::test
