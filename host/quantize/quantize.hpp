// SPDX-License-Identifier: Apache-2.0
// Post-training quantisation: a float model and some text in, the deployment model out.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "host/model/float_model.hpp"
#include "host/model/integer_model.hpp"
#include "host/quantize/calibrate.hpp"

namespace squat::quantize {

struct QuantizeOptions {
  int weight_bits = 8;  ///< 4 or 8
  model::Activations activations = model::Activations::k8;
  double rho = 0.5;                               ///< share of 8-bit tokens, 0..1; mixed models only
  hls::WidthRule rule = hls::WidthRule::kBudget;  ///< mixed models only
  std::uint32_t seed = 0;                         ///< of the random rule
  CalibrationOptions calibration;
};

struct QuantizeResult {
  model::IntegerModel model;
  model::QuantScales scales;  ///< complete: for the fake-quantised reference and as a start for training
  std::vector<SiteReport> sites;
  std::vector<std::string> warnings;
};

/// Least-squares weight scales (narrow codes); 8-bit embedding and head.
void fit_weight_scales(const model::FloatModel& model, int weight_bits, model::QuantScales& scales,
                       std::vector<SiteReport>& sites);

/// Throws usage_error for options out of range and input_error for unusable weights or too little text.
QuantizeResult quantize_model(const model::FloatModel& model, const std::vector<int>& calibration_ids,
                              const QuantizeOptions& options);

}  // namespace squat::quantize
