// SPDX-License-Identifier: Apache-2.0
// The deployment model in memory: integers only, plus the scales that made them (for reports and perplexity).
// Number formats: docs/reference/numbers.md. The file form: docs/reference/model_directory.md.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "hls/requantize.hpp"
#include "hls/token_control.hpp"
#include "host/model/code_memory.hpp"
#include "host/model/model_config.hpp"

namespace squat::model {

enum class Activations { k8, k4, kMixed };

/// How many bits each token gets. Uniform models ("8", "4") run no token rule at all.
struct WidthPolicy {
  Activations activations = Activations::k8;
  hls::WidthRule rule = hls::WidthRule::kBudget;  ///< only meaningful when activations == kMixed
  std::uint32_t rho_num = 0;                      ///< wanted 8-bit share, in 1/hls::kRhoDen
  std::uint32_t seed = 0;                         ///< for WidthRule::kRandom
  std::vector<std::uint32_t> thresholds;          ///< per layer, on score * (position + 1); see hls/token_control.hpp
};

/// Row-major signed codes (rows = output channels), one scale: real = code * scale.
/// 4 bit: -7..7, 8 bit: -127..127 (narrow range).
struct IntMatrix {
  int rows = 0;
  int cols = 0;
  int bits = 8;
  double scale = 0.0;
  WeightCodes codes;
  std::vector<std::int32_t> bias;  ///< (rows), in units of the accumulator, or empty
};

/// Norm followed by quantisation, see hls/rms_norm.hpp, and hls/layer_norm.hpp when there is a beta.
struct IntNorm {
  std::vector<std::int32_t> gain;  ///< (hidden), signed 18 bit
  std::vector<std::int32_t> beta;  ///< (hidden), signed 24 bit, hls::kBetaFraction fraction bits; empty for RMSNorm
  int shift = 0;                   ///< 24 + e, e = fraction bits of gain
};

struct IntLayer {
  IntNorm input_norm, mlp_norm;
  IntMatrix q, k, v, o, gate, up, down;  ///< GPT-2: no gate, up is c_fc, down the MLP's c_proj
  hls::Requant q_rope, k_rope;           ///< accumulator -> site grid with 7 fraction bits
  hls::Requant score;                    ///< score difference -> log2 units with 12 fraction bits
  hls::Requant v_code;                   ///< accumulator -> value code
  hls::Requant o_in;                     ///< probability*value accumulator -> o_proj input code
  hls::Requant o_residual;               ///< o_proj accumulator -> residual (16 fraction bits)
  hls::Requant gate_fixed, up_fixed;     ///< accumulator -> 14 bit with gate_up_frac fraction bits
  int gate_up_frac = 9;                  ///< 6..9
  hls::Requant down_in;                  ///< silu(gate)*up, or gelu(up) -> down_proj input code
  hls::Requant down_residual;
};

struct IntegerModel {
  ModelConfig config;
  WidthPolicy widths;
  int weight_bits = 8;
  std::uint64_t norm_eps = 0;            ///< round(hidden * eps * 2^32)
  std::vector<std::uint32_t> rope_step;  ///< (head_dim/2): phase advance per position, in 2^-32 turns; GPT-2: 0
  IntMatrix embedding;                   ///< (vocab, hidden), 8 bit
  IntMatrix lm_head;                     ///< (vocab, hidden), 8 bit; empty when config.tied
  hls::Requant embed_residual;           ///< embedding code -> residual
  IntMatrix positions;                   ///< GPT-2: (max_positions, hidden), 8 bit
  hls::Requant position_residual;        ///< position code -> residual
  hls::Requant mean;                     ///< GPT-2: 1/hidden as m * 2^-s
  std::vector<IntLayer> layers;
  IntNorm final_norm;        ///< its output feeds lm_head, always 8 bit
  double logit_scale = 0.0;  ///< real logit = integer logit * logit_scale

  const IntMatrix& head() const { return config.tied ? embedding : lm_head; }
};

}  // namespace squat::model
