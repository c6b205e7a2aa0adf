// SPDX-License-Identifier: Apache-2.0
// What is rounded, to which grids, and how the grids learn. Number formats: docs/reference/numbers.md.
#pragma once

#include "host/model/integer_model.hpp"

namespace squat::qat {

enum class ScaleStart {
  kMse,        ///< least squared rounding error (host/quantize/scale_search.hpp)
  kPublished,  ///< 2 * mean |x| / sqrt(Qp)
  kAbsMax,     ///< the largest magnitude just fits
};
enum class ScaleGradient {
  kLsq,   ///< times 1 / sqrt(elements of the tensor * Qp)
  kNone,  ///< unscaled
};

struct QuantConfig {
  int weight_bits = 4;               ///< 2..8, linear layers
  bool narrow_weights = true;        ///< codes -(2^(b-1) - 1) .. 2^(b-1) - 1; false: from -2^(b-1)
  bool tables = true;                ///< embedding and head are rounded to 8 bits too
  int activation_bits = 8;           ///< 2..8, used when widths.activations is k8; k4 means 4, kMixed 8 or 4 per token
  model::WidthPolicy widths;         ///< k8, k4 or kMixed with its rule
  bool tied_scales = true;           ///< 4-bit tokens use 8 times the 8-bit scale; false: a learned scale of their own
  bool narrow_attention = true;      ///< q, k, v: 8-bit codes from -127
  bool o_input = true;               ///< the input of o_proj is rounded (the published code leaves it)
  bool head_input = true;            ///< the input of the head is rounded, always to 8 bits
  int probability_bits = 8;          ///< attention probabilities, unsigned
  bool probability_fixed = true;     ///< scale 2^-bits; false: learned
  bool zero_point = false;           ///< learned zero point on activations (published code)
  bool data_dependent_sign = false;  ///< a site is unsigned when its first batch has no value below -1e-5 (published code)
  bool learned_scales = true;        ///< false: frozen at their start
  bool weights_follow = false;       ///< weight scales always just cover the largest weight; never learned
  bool noise = false;                ///< training passes add noise where others round (noise.hpp); evaluation rounds
  bool clipping_gradient = false;    ///< activation scales learn from clipped values alone (clipping.hpp)
  bool decaying_scales = false;      ///< weight decay acts on learned scales
  ScaleGradient scale_gradient = ScaleGradient::kLsq;
  ScaleStart start = ScaleStart::kMse;
};

/// Everything an integer device needs: the defaults above.
QuantConfig deployment_quant(int weight_bits, const model::WidthPolicy& widths);

/// The published modules in the published places: full range, zero points, o_proj input, tables and head input left in
/// floating point, probabilities with a learned scale of `activation_bits`, start 2 * mean |x| / sqrt(Qp).
QuantConfig published_quant(int weight_bits, int activation_bits);

/// Throws usage_error for what cannot work.
void check(const QuantConfig& config);

}  // namespace squat::qat
