// SPDX-License-Identifier: Apache-2.0
// Where everything of a decoder lies in its parameter set. LLaMA and GPT-2 are the same decoder with other parts.
#pragma once

#include <array>
#include <cstddef>
#include <vector>

#include "host/model/model_config.hpp"
#include "qat/quant/site.hpp"

namespace squat::qat {

/// One matrix with one scale.
struct WeightPart {
  std::size_t parameter = 0;  ///< index of the matrix
  int out = 0;                ///< output channels
  std::ptrdiff_t alpha = -1;  ///< index of its scale; -1: not rounded
  int bits = 8;
};

/// Matrices that share their input and lie one after the other in memory, so that one product serves all of them.
struct Linear {
  std::vector<WeightPart> parts;
  std::size_t offset = 0;    ///< of the first matrix in the flat buffers
  int in = 0, out = 0;       ///< out: of all parts together
  bool in_major = false;     ///< Conv1D: (in, out), y = x W; otherwise (out, in), y = x W^T. in_major has one part
  std::ptrdiff_t bias = -1;  ///< parameter index
};

struct Norm {
  std::size_t gain = 0;
  std::ptrdiff_t bias = -1;  ///< LayerNorm has one, RMSNorm has none
};

constexpr std::size_t kBlockSites = 8;  ///< Site::kIn .. Site::kD

struct Block {
  Norm attention_norm, mlp_norm;
  Linear qkv, o, expand, contract;  ///< expand: gate and up, or c_fc; contract: down, or the MLP's c_proj
  std::array<SiteState, kBlockSites> sites;
  SiteState& site(Site s) { return sites[static_cast<std::size_t>(s)]; }
  const SiteState& site(Site s) const { return sites[static_cast<std::size_t>(s)]; }
};

struct Architecture {
  model::ModelConfig config;
  bool gpt2 = false;  ///< LayerNorm, learned positions, GELU, biases, Conv1D
  WeightPart embedding;
  std::ptrdiff_t positions = -1;  ///< learned positions (max_positions, hidden)
  Linear head;                    ///< shares the embedding's matrix and scale when tied
  Norm final_norm;
  SiteState head_input;
  std::vector<Block> blocks;
  std::size_t matrix_elements = 0;  ///< the matrices are the first so many elements of the flat buffers
  int qkv_width() const { return config.q_size() + 2 * config.kv_size(); }
};

/// Adds every parameter of `config` (and of `quant`, when not null) to an empty set. Values stay 0.
/// Throws usage_error for model types other than llama and gpt2 and for dimensions that do not fit together.
template <typename S>
Architecture build_architecture(const model::ModelConfig& config, const QuantConfig* quant, BasicParameterSet<S>& parameters);

/// Seeded normal weights of deviation 0.02 (norm gains 1, biases 0, scales untouched), the same bits on every machine.
template <typename S>
void randomise(std::uint64_t seed, BasicParameterSet<S>& parameters);

}  // namespace squat::qat
