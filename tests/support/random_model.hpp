// SPDX-License-Identifier: Apache-2.0
// Seeded random integer models of any shape, with scales under which codes spread over their range instead of saturating.
#pragma once

#include <cstdint>

#include "host/model/integer_model.hpp"

namespace squat::test {

struct RandomModelSpec {
  std::uint64_t seed = 1;
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
  model::Activations activations = model::Activations::kMixed;
  hls::WidthRule rule = hls::WidthRule::kBudget;
  std::uint32_t rho_num = hls::kRhoDen / 2;
};

model::IntegerModel random_model(const RandomModelSpec& spec);

}  // namespace squat::test
