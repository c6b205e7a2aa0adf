// SPDX-License-Identifier: Apache-2.0
// Scales of a checkpoint that was trained with rounding elsewhere, as a start for ours.
#pragma once

#include <map>
#include <string>
#include <utility>
#include <vector>

#include "qat/model/architecture.hpp"

namespace squat::qat {

struct LoadedScales {
  std::vector<std::pair<std::size_t, float>> values;  ///< parameter index, value
  std::vector<std::string> notes;                     ///< what was left out and why
};

/// `scalars` by the published modules' names ("....q_proj.alpha", "....act_q_0_input.alpha", ".zero_point", ".signed").
/// Weight scales are taken as they are: they must be of the bits in `quant`. Activation scales are taken for uniform widths;
/// those of a 4-bit model are 8 times ours. Left out with a note: zero points other than 0, scales of probabilities (ours are
/// 2^-bits), and activation scales for mixed widths, where published models have two and the devices one.
/// Throws input_error for names the model does not have, scales that are not positive, and signed sites stored as unsigned.
LoadedScales take_scales(const std::map<std::string, float>& scalars, const QuantConfig& quant, const Architecture& a,
                         const ParameterSet& parameters);

}  // namespace squat::qat
