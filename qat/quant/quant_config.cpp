// SPDX-License-Identifier: Apache-2.0
#include "qat/quant/quant_config.hpp"

#include <string>

#include "host/model/error.hpp"

namespace squat::qat {

QuantConfig deployment_quant(int weight_bits, const model::WidthPolicy& widths) {
  QuantConfig config;
  config.weight_bits = weight_bits;
  config.widths = widths;
  return config;
}

QuantConfig published_quant(int weight_bits, int activation_bits) {
  QuantConfig config;
  config.weight_bits = weight_bits;
  config.narrow_weights = false;
  config.tables = false;
  config.activation_bits = activation_bits;
  config.tied_scales = false;
  config.narrow_attention = false;
  config.o_input = false;
  config.head_input = false;
  config.probability_bits = activation_bits;
  config.probability_fixed = false;
  config.zero_point = true;
  config.data_dependent_sign = true;
  config.start = ScaleStart::kPublished;
  return config;
}

void check(const QuantConfig& c) {
  const auto bits = [](int value, const char* what) {
    if (value < 2 || value > 8) throw usage_error(std::string(what) + ": expected 2 to 8 bits, found " + std::to_string(value));
  };
  bits(c.weight_bits, "weights");
  bits(c.activation_bits, "activations");
  bits(c.probability_bits, "attention probabilities");
  if (c.noise && (c.zero_point || c.clipping_gradient)) {
    throw usage_error("noise: expected no zero points and scales that learn from every value");
  }
  if (c.zero_point && c.tied_scales && c.widths.activations != model::Activations::k8) {
    throw usage_error("zero points: expected scales that are not tied between widths");
  }
}

}  // namespace squat::qat
