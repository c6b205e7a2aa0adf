// SPDX-License-Identifier: Apache-2.0
#include "host/model/tensor_names.hpp"

namespace squat::model {

TensorNames::TensorNames(const ModelConfig& config)
    : root(config.gpt2() ? "transformer" : "model"),
      embedding(root + (config.gpt2() ? ".wte" : ".embed_tokens")),
      positions(root + ".wpe"),
      final_norm(root + (config.gpt2() ? ".ln_f" : ".norm")),
      gpt2_(config.gpt2()) {}

LayerNames TensorNames::layer(std::size_t index) const {
  const std::string p = root + (gpt2_ ? ".h." : ".layers.") + std::to_string(index) + ".";
  LayerNames n;
  n.input_norm = p + (gpt2_ ? "ln_1" : "input_layernorm");
  n.mlp_norm = p + (gpt2_ ? "ln_2" : "post_attention_layernorm");
  n.attention = p + (gpt2_ ? "attn" : "self_attn");
  n.mlp = p + "mlp";
  n.q = n.attention + ".q_proj";
  n.k = n.attention + ".k_proj";
  n.v = n.attention + ".v_proj";
  n.o = n.attention + (gpt2_ ? ".c_proj" : ".o_proj");
  n.gate = n.mlp + ".gate_proj";
  n.up = n.mlp + (gpt2_ ? ".c_fc" : ".up_proj");
  n.down = n.mlp + (gpt2_ ? ".c_proj" : ".down_proj");
  n.fraction = n.mlp + (gpt2_ ? ".c_fc_frac" : ".gate_up_frac");
  return n;
}

}  // namespace squat::model
