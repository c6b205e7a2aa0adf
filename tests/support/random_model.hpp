// SPDX-License-Identifier: Apache-2.0
// Random integer models by field, for tests that vary one field at a time.
#pragma once

#include <cstdint>

#include "host/quantize/random_model.hpp"
#include "tests/support/compare_devices.hpp"

namespace squat::test {

struct RandomModelSpec {
  std::uint32_t seed = 1;
  int layers = 2;
  int hidden = 128;
  int intermediate = 192;
  int vocab = 96;
  int heads = 4;
  int kv_heads = 2;
  int head_dim = 32;
  int max_positions = 256;
  int weight_bits = 4;
  int gate_up_frac = 9;
  bool tied = true;
  bool gpt2 = false;
  model::Activations activations = model::Activations::kMixed;
  hls::WidthRule rule = hls::WidthRule::kBudget;
  std::uint32_t rho_num = hls::kRhoDen / 2;
};

inline model::IntegerModel random_model(const RandomModelSpec& s) {
  model::ModelConfig c = s.gpt2 ? gpt2_shape(s.hidden, s.intermediate, s.layers, s.heads, s.vocab)
                                : shape(s.hidden, s.intermediate, s.layers, s.heads, s.kv_heads, s.head_dim, s.vocab, s.tied);
  c.max_positions = s.max_positions;
  const model::WidthPolicy widths =
      s.activations == model::Activations::kMixed ? mixed(s.rule, s.rho_num) : uniform(s.activations);
  return quantize::random_model(c, s.weight_bits, widths, s.seed, s.gate_up_frac);
}

}  // namespace squat::test
