// SPDX-License-Identifier: Apache-2.0
// Dimensions of a decoder, as the fields of a Hugging Face config.json.
#pragma once

#include <cstdint>
#include <string>

namespace squat::model {

struct ModelConfig {
  std::string model_type = "llama";  ///< or "gpt2": LayerNorm, learned positions, GELU without a gate, biases
  int vocab_size = 0;
  int hidden_size = 0;
  int intermediate_size = 0;
  int layers = 0;
  int heads = 0;
  int kv_heads = 0;
  int head_dim = 0;  ///< hidden_size / heads unless config.json says otherwise; even
  int max_positions = 0;
  double rms_norm_eps = 1e-6;  ///< GPT-2: layer_norm_epsilon
  double rope_theta = 10000.0;
  bool tied = false;  ///< lm_head shares the embedding table
  int bos_id = 1;
  int eos_id = 2;

  bool gpt2() const { return model_type == "gpt2"; }
  int q_size() const { return heads * head_dim; }
  int kv_size() const { return kv_heads * head_dim; }
};

}  // namespace squat::model
