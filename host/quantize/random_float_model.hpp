// SPDX-License-Identifier: Apache-2.0
// Seeded random float models of both architectures, for tests and for the baseline of timings.
#pragma once

#include <cstdint>
#include <random>
#include <vector>

#include "host/model/float_tensors.hpp"

namespace squat::quantize {

/// Weights, biases and offsets normal with this deviation, gains with the same around 1, so that a lost one shows.
inline model::FloatModel random_float_model(const model::ModelConfig& config, std::uint64_t seed, float deviation = 0.02f) {
  model::FloatModel m;
  m.config = config;
  model::set_shapes(m);
  std::mt19937_64 random(seed);
  std::normal_distribution<float> normal(0.0f, deviation);
  model::for_each_weight(m, [&](const model::FilePlace& place, std::vector<float>& values) {
    const bool gain = place.rows == 0 && place.tensor.find("bias") == std::string::npos;
    values.resize(place.size());
    for (float& v : values) v = (gain ? 1.0f : 0.0f) + normal(random);
  });
  return m;
}

}  // namespace squat::quantize
