// SPDX-License-Identifier: Apache-2.0
// The one list of an integer model's tensors: writer, reader and checker walk it, so they cannot disagree.
#pragma once

#include <string>

#include "host/model/integer_model.hpp"
#include "host/model/tensor_names.hpp"

namespace squat::model {

/// What a matrix or norm must look like.
struct MatrixForm {
  int rows, cols, bits;
  bool bias;
};
struct NormForm {
  int size;
  bool beta;
};

/// Walks a model whose `layers` has its final size. The visitor has
///   matrix(name, IntMatrix&, MatrixForm)   -> tensors NAME.qweight, NAME.scale, and NAME.bias where the form has one
///   norm(name, IntNorm&, NormForm)         -> tensors NAME.gain, NAME.shift, and NAME.beta where the form has one
///   requant(name, hls::Requant&)           -> tensor NAME
///   integer(name, int&, lo, hi)            -> tensor NAME, a value from lo to hi
///   rope_step(name, vector&, size), norm_eps(name, uint64&), real(name, double&).
/// GPT-2's phase steps are 0 and are not among them.
template <typename Model, typename Visitor>
void for_each_integer_tensor(Model& model, Visitor&& visit) {
  const ModelConfig& c = model.config;
  const TensorNames names(c);
  const bool gpt2 = c.gpt2();
  const int h = c.hidden_size, m = c.intermediate_size, bits = model.weight_bits;
  const NormForm norm{h, gpt2};
  const auto linear = [&](int rows, int cols) { return MatrixForm{rows, cols, bits, gpt2}; };
  const MatrixForm table{c.vocab_size, h, 8, false};
  visit.matrix(names.embedding, model.embedding, table);
  visit.requant(names.embedding + ".requant", model.embed_residual);
  if (gpt2) {
    visit.matrix(names.positions, model.positions, {c.max_positions, h, 8, false});
    visit.requant(names.positions + ".requant", model.position_residual);
    visit.requant(names.root + ".norm_mean", model.mean);
  } else {
    visit.rope_step(names.root + ".rope_step", model.rope_step, c.head_dim / 2);
  }
  visit.norm_eps(names.root + ".norm_eps", model.norm_eps);
  for (std::size_t i = 0; i < model.layers.size(); ++i) {
    auto& layer = model.layers[i];
    const LayerNames n = names.layer(i);
    visit.norm(n.input_norm, layer.input_norm, norm);
    visit.matrix(n.q, layer.q, linear(c.q_size(), h));
    visit.requant(n.q + ".requant", layer.q_rope);
    visit.matrix(n.k, layer.k, linear(c.kv_size(), h));
    visit.requant(n.k + ".requant", layer.k_rope);
    visit.matrix(n.v, layer.v, linear(c.kv_size(), h));
    visit.requant(n.v + ".requant", layer.v_code);
    visit.requant(n.attention + ".score.requant", layer.score);
    visit.requant(n.o + ".input_requant", layer.o_in);
    visit.matrix(n.o, layer.o, linear(h, c.q_size()));
    visit.requant(n.o + ".requant", layer.o_residual);
    visit.norm(n.mlp_norm, layer.mlp_norm, norm);
    if (!gpt2) {
      visit.matrix(n.gate, layer.gate, linear(m, h));
      visit.requant(n.gate + ".requant", layer.gate_fixed);
    }
    visit.matrix(n.up, layer.up, linear(m, h));
    visit.requant(n.up + ".requant", layer.up_fixed);
    visit.integer(n.fraction, layer.gate_up_frac, 6, 9);
    visit.requant(n.down + ".input_requant", layer.down_in);
    visit.matrix(n.down, layer.down, linear(h, m));
    visit.requant(n.down + ".requant", layer.down_residual);
  }
  visit.norm(names.final_norm, model.final_norm, norm);
  if (!c.tied) visit.matrix(names.head, model.lm_head, table);
  visit.real(names.head + ".logit_scale", model.logit_scale);
}

}  // namespace squat::model
