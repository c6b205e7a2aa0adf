// SPDX-License-Identifier: Apache-2.0
// A LLaMA or GPT-2 model in single precision, as it comes from the hub or from the trainer.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "host/model/model_config.hpp"

namespace squat::model {

/// Row-major, rows = output channels: y = W x.
struct FloatMatrix {
  int rows = 0;
  int cols = 0;
  std::vector<float> w;
  std::vector<float> bias;  ///< (rows), or empty
};

struct FloatLayer {
  std::vector<float> input_norm;            ///< (hidden) gain before the attention block
  std::vector<float> mlp_norm;              ///< (hidden) gain before the MLP block
  std::vector<float> input_beta, mlp_beta;  ///< (hidden) offsets of LayerNorm; empty for RMSNorm
  FloatMatrix q;                            ///< (heads * head_dim, hidden), rotate-half row order
  FloatMatrix k, v;                         ///< (kv_heads * head_dim, hidden)
  FloatMatrix o;                            ///< (hidden, heads * head_dim)
  FloatMatrix gate, up;                     ///< (intermediate, hidden); GPT-2: no gate, up is c_fc
  FloatMatrix down;                         ///< (hidden, intermediate); GPT-2: the MLP's c_proj
};

struct FloatModel {
  ModelConfig config;
  FloatMatrix embedding;  ///< (vocab, hidden)
  FloatMatrix positions;  ///< GPT-2: (max_positions, hidden)
  FloatMatrix lm_head;    ///< (vocab, hidden); empty when config.tied
  std::vector<FloatLayer> layers;
  std::vector<float> final_norm;  ///< (hidden)
  std::vector<float> final_beta;  ///< (hidden); empty for RMSNorm
  /// Scalars of quantisers that checkpoints trained with rounding carry beside the weights, by name: "....alpha",
  /// "....zero_point", "....signed". The weights themselves are not rounded. Only training looks at them.
  std::map<std::string, float> quantiser_scalars;

  const FloatMatrix& head() const { return config.tied ? embedding : lm_head; }
};

/// Calls visit(hugging_face_name, std::vector<float>&, rows, cols) for every parameter; norms have rows == 0.
/// The one list of names: reader, writer and trainer use it. `model.layers` must have its final size.
template <typename Model, typename Visit>
void for_each_parameter(Model& model, Visit&& visit) {
  const ModelConfig& c = model.config;
  const int h = c.hidden_size, m = c.intermediate_size, q = c.q_size(), kv = c.kv_size();
  visit(std::string("model.embed_tokens.weight"), model.embedding.w, c.vocab_size, h);
  for (std::size_t i = 0; i < model.layers.size(); ++i) {
    auto& layer = model.layers[i];
    const std::string p = "model.layers." + std::to_string(i) + ".";
    visit(p + "input_layernorm.weight", layer.input_norm, 0, h);
    visit(p + "self_attn.q_proj.weight", layer.q.w, q, h);
    visit(p + "self_attn.k_proj.weight", layer.k.w, kv, h);
    visit(p + "self_attn.v_proj.weight", layer.v.w, kv, h);
    visit(p + "self_attn.o_proj.weight", layer.o.w, h, q);
    visit(p + "post_attention_layernorm.weight", layer.mlp_norm, 0, h);
    visit(p + "mlp.gate_proj.weight", layer.gate.w, m, h);
    visit(p + "mlp.up_proj.weight", layer.up.w, m, h);
    visit(p + "mlp.down_proj.weight", layer.down.w, h, m);
  }
  visit(std::string("model.norm.weight"), model.final_norm, 0, h);
  if (!c.tied) visit(std::string("lm_head.weight"), model.lm_head.w, c.vocab_size, h);
}

/// Sets rows and cols of every matrix (and the number of layers) from config; the weights are left as they are.
void set_shapes(FloatModel& model);

/// Reads config.json and the FP32, FP16 or BF16 weights of a Hugging Face LLaMA directory, in one file or in shards.
/// Throws input_error for missing, extra or mis-shaped tensors and for NaN or infinite weights.
FloatModel read_float_model(const std::filesystem::path& directory);

enum class StoredAs { kFloat32, kFloat16 };

/// Writes config.json (without quantization_config) and model.safetensors into an existing directory, usually
/// StagedDirectory::path(). Throws usage_error for weights that FP16 cannot hold.
void write_float_model(const FloatModel& model, const std::filesystem::path& directory, StoredAs stored = StoredAs::kFloat32);

/// A model of this shape with seeded normal weights of LLaMA's usual spread (0.02, norms 1), the same on every machine.
FloatModel random_float_model(const ModelConfig& config, std::uint64_t seed);

}  // namespace squat::model
