// SPDX-License-Identifier: Apache-2.0
// Calibrated fake quantisation for studies, and the parts of a model it can be limited to.
#pragma once

#include <string>
#include <vector>

#include "host/quantize/calibrate.hpp"
#include "host/reference_float/fake_quant.hpp"

namespace squat::analyze {

/// What a study rounds to; calibrated on `calibration_ids` as squat quantize does.
struct RoundingOptions {
  int weight_bits = 4;      ///< 4 or 8
  int activation_bits = 4;  ///< 2..8, all tokens; 8 with `mixed`
  bool mixed = false;       ///< tokens of 8 and 4 bits by `rule`
  hls::WidthRule rule = hls::WidthRule::kSequence;
  double rho = 0.5;
  std::uint32_t seed = 0;  ///< of the random rule
};

/// Least-squares scales of everything, and score thresholds for mixed models.
reference::FakeQuant calibrated_rounding(const model::FloatModel& model, const std::vector<int>& calibration_ids,
                                         const RoundingOptions& options, const quantize::CalibrationOptions& calibration);

/// Parts of a model as the paper's Fig. 1 has them, each with its weights and the activations that enter or form its products.
struct Module {
  std::string name;  ///< "mlp", "attention", "query and key", "attention but query and key", "tables", "all"
  reference::RoundedParts parts;
};
std::vector<Module> modules();

/// `parts` without its weights, or without its activations.
reference::RoundedParts activations_only(reference::RoundedParts parts);
reference::RoundedParts weights_only(reference::RoundedParts parts);

}  // namespace squat::analyze
