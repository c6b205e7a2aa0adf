// SPDX-License-Identifier: Apache-2.0
// What the parts of a model are called in its files, in reports and in errors: Hugging Face's names of the architecture, with
// GPT-2's c_attn as the three matrices it holds.
#pragma once

#include <cstddef>
#include <string>

#include "host/model/model_config.hpp"

namespace squat::model {

struct LayerNames {
  std::string input_norm, mlp_norm;  ///< "model.layers.0.input_layernorm" or "transformer.h.0.ln_1"
  std::string attention, mlp;        ///< the two blocks: "model.layers.0.self_attn", "model.layers.0.mlp"
  std::string q, k, v, o;
  std::string gate, up, down;  ///< GPT-2: no gate; c_fc and c_proj of the MLP
  std::string fraction;        ///< fraction bits of gate and up, or of c_fc
};

struct TensorNames {
  explicit TensorNames(const ModelConfig& config);

  LayerNames layer(std::size_t index) const;

  std::string root;  ///< "model" or "transformer"
  std::string embedding, positions, final_norm;
  std::string head = "lm_head";

 private:
  bool gpt2_;
};

}  // namespace squat::model
