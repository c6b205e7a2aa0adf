// SPDX-License-Identifier: Apache-2.0
// The weights of an integer model as the accelerator streams them: docs/develop/accelerator.md, "Weight image".
#pragma once

#include <cstdint>
#include <vector>

#include "host/engine/accelerator_limits.hpp"
#include "host/model/integer_model.hpp"

namespace squat::engine {

/// Where one matrix lies in the image. Units are 16 bytes.
struct MatrixPlan {
  std::uint32_t offset = 0;       ///< first unit of bank 0
  std::uint32_t bank_stride = 0;  ///< units between banks
  std::uint32_t words = 0;        ///< units per tile and bank
  std::uint32_t tiles = 0;        ///< tiles of 32 output channels
  std::uint32_t ks = 0;           ///< columns per bank; the padded reduction length is 4*ks
  bool eight_bit = false;
};

struct LayerPlan {
  MatrixPlan q, k, v, o, gate_up, down;
  std::uint32_t input_gain = 0, mlp_gain = 0;  ///< offsets of int32 gains
};

struct WeightImage {
  std::vector<std::uint8_t> bytes;
  std::vector<LayerPlan> layers;
  MatrixPlan head;
  std::uint32_t final_gain = 0;
  std::uint32_t rope_step = 0;

  std::uint32_t units = 0;  ///< size in 16-byte units
};

/// Throws squat::Error (device unavailable) naming the dimension that this accelerator cannot hold.
void check_limits(const model::ModelConfig& config, const AcceleratorLimits& limits);

/// Packs the model; about half its int8 size for 4-bit weights.
WeightImage build_weight_image(const model::IntegerModel& m, const AcceleratorLimits& limits);

}  // namespace squat::engine
