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

/// Sets rows and cols of every matrix (and the number of layers) from config; the weights are left as they are.
void set_shapes(FloatModel& model);

/// Reads config.json and the FP32, FP16 or BF16 weights of a Hugging Face LLaMA or GPT-2 directory, in one file or in shards.
/// Throws input_error for missing, extra or mis-shaped tensors and for NaN or infinite weights.
FloatModel read_float_model(const std::filesystem::path& directory);

enum class StoredAs { kFloat32, kFloat16 };

/// Writes config.json (without quantization_config) and model.safetensors into an existing directory, usually
/// StagedDirectory::path(). Throws usage_error for weights that FP16 cannot hold.
void write_float_model(const FloatModel& model, const std::filesystem::path& directory, StoredAs stored = StoredAs::kFloat32);

}  // namespace squat::model
