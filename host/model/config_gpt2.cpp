// SPDX-License-Identifier: Apache-2.0
#include "host/model/config_fields.hpp"
#include "host/model/error.hpp"

namespace squat::model {
namespace {

void refuse_unsupported_gpt2(const JsonFields& fields) {
  if (fields.has("activation_function")) {
    // Both names mean the tanh form. "gelu" is the exact one, another function (by up to 5e-4).
    const std::string name = fields.text("activation_function");
    if (name != "gelu_new" && name != "gelu_pytorch_tanh")
      refuse_feature(fields, "activation_function", "expected \"gelu_new\", found \"" + name.substr(0, 40) + "\"");
  }
  require_feature(fields, "scale_attn_weights", true, "unscaled attention is not supported, expected true");
  require_feature(fields, "scale_attn_by_inverse_layer_idx", false, "scaling by layer is not supported, expected false");
  require_feature(fields, "reorder_and_upcast_attn", false, "reordered attention is not supported, expected false");
  require_feature(fields, "add_cross_attention", false, "cross attention is not supported, expected false");
}

/// n_positions, or n_ctx in old files; both only when they agree.
int positions(const JsonFields& fields) {
  constexpr int kMost = 1 << 24;
  if (!fields.has("n_positions")) return static_cast<int>(fields.integer("n_ctx", 2, kMost));
  const auto n = fields.integer("n_positions", 2, kMost);
  if (fields.has("n_ctx")) fields.integer("n_ctx", n, n);
  return static_cast<int>(n);
}

}  // namespace

ModelConfig gpt2_config(const JsonFields& fields) {
  refuse_unsupported_gpt2(fields);
  ModelConfig c;
  const auto positive = [&](const char* field, int hi) { return static_cast<int>(fields.integer(field, 1, hi)); };
  c.model_type = "gpt2";
  c.vocab_size = static_cast<int>(fields.integer("vocab_size", 2, 1 << 20));
  c.hidden_size = positive("n_embd", 1 << 15);
  c.intermediate_size = static_cast<int>(fields.integer_or("n_inner", 1, 1 << 17, 4 * c.hidden_size));
  c.layers = positive("n_layer", 512);
  c.heads = c.kv_heads = positive("n_head", 1024);
  if (c.hidden_size % c.heads != 0) fields.fail("n_embd", "a multiple of n_head = " + std::to_string(c.heads));
  c.head_dim = c.hidden_size / c.heads;
  check_head_size(fields, c.head_dim, "n_embd / n_head");
  c.max_positions = positions(fields);
  c.rms_norm_eps = fields.real_or("layer_norm_epsilon", 1e-12, 0.1, 1e-5);
  c.tied = fields.boolean_or("tie_word_embeddings", true);
  c.bos_id = token_id(fields, "bos_token_id", c.vocab_size, 50256);
  c.eos_id = token_id(fields, "eos_token_id", c.vocab_size, 50256);
  return c;
}

}  // namespace squat::model
