// SPDX-License-Identifier: Apache-2.0
// The one list of an integer model's tensors: writer, reader and checker walk it, so they cannot disagree.
#pragma once

#include <string>

#include "host/model/integer_model.hpp"

namespace squat::model {

/// Walks a model whose `layers` has its final size. The visitor has
///   matrix(name, IntMatrix&, rows, cols, bits)   -> tensors NAME.qweight, NAME.scale
///   norm(name, IntNorm&, size)                   -> tensors NAME.gain, NAME.shift
///   requant(name, hls::Requant&)                 -> tensor NAME
///   gate_up_frac(name, int&), rope_step(name, vector&, size), norm_eps(name, uint64&), logit_scale(name, double&).
template <typename Model, typename Visitor>
void for_each_integer_tensor(Model& model, Visitor&& visit) {
  const ModelConfig& c = model.config;
  const int h = c.hidden_size, m = c.intermediate_size, bits = model.weight_bits;
  visit.matrix("model.embed_tokens", model.embedding, c.vocab_size, h, 8);
  visit.requant("model.embed_tokens.requant", model.embed_residual);
  visit.rope_step("model.rope_step", model.rope_step, c.head_dim / 2);
  visit.norm_eps("model.norm_eps", model.norm_eps);
  for (std::size_t i = 0; i < model.layers.size(); ++i) {
    auto& layer = model.layers[i];
    const std::string p = "model.layers." + std::to_string(i) + ".";
    visit.norm(p + "input_layernorm", layer.input_norm, h);
    visit.matrix(p + "self_attn.q_proj", layer.q, c.q_size(), h, bits);
    visit.requant(p + "self_attn.q_proj.requant", layer.q_rope);
    visit.matrix(p + "self_attn.k_proj", layer.k, c.kv_size(), h, bits);
    visit.requant(p + "self_attn.k_proj.requant", layer.k_rope);
    visit.matrix(p + "self_attn.v_proj", layer.v, c.kv_size(), h, bits);
    visit.requant(p + "self_attn.v_proj.requant", layer.v_code);
    visit.requant(p + "self_attn.score.requant", layer.score);
    visit.requant(p + "self_attn.o_proj.input_requant", layer.o_in);
    visit.matrix(p + "self_attn.o_proj", layer.o, h, c.q_size(), bits);
    visit.requant(p + "self_attn.o_proj.requant", layer.o_residual);
    visit.norm(p + "post_attention_layernorm", layer.mlp_norm, h);
    visit.matrix(p + "mlp.gate_proj", layer.gate, m, h, bits);
    visit.requant(p + "mlp.gate_proj.requant", layer.gate_fixed);
    visit.matrix(p + "mlp.up_proj", layer.up, m, h, bits);
    visit.requant(p + "mlp.up_proj.requant", layer.up_fixed);
    visit.gate_up_frac(p + "mlp.gate_up_frac", layer.gate_up_frac);
    visit.requant(p + "mlp.down_proj.input_requant", layer.down_in);
    visit.matrix(p + "mlp.down_proj", layer.down, h, m, bits);
    visit.requant(p + "mlp.down_proj.requant", layer.down_residual);
  }
  visit.norm("model.norm", model.final_norm, h);
  if (!c.tied) visit.matrix("lm_head", model.lm_head, c.vocab_size, h, 8);
  visit.logit_scale("lm_head.logit_scale", model.logit_scale);
}

}  // namespace squat::model
