// SPDX-License-Identifier: Apache-2.0
// The weights of an integer model as the accelerator streams them: docs/develop/accelerator.md, "Weight image".
#pragma once

#include <array>
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
  bool biased = false;
  std::uint32_t bias = 0;  ///< word of its first biases in the bias buffer
  /// Per tile: CRC-32 of the words that each bank holds of it.
  std::vector<std::array<std::uint32_t, 4>> crc;
};

/// int32 parameters that one command loads.
struct ParameterPlan {
  std::uint32_t offset = 0;  ///< first unit
  std::uint32_t count = 0;   ///< values, a multiple of 4
  std::uint32_t crc = 0;     ///< CRC-32 of the values
};

/// Parameters of one norm: gains and, for LayerNorm, offsets.
struct NormPlan {
  ParameterPlan gain, beta;
};

/// Biases of some matrices, in the channel order of their weights, every matrix in whole tiles. Words of 16 biases.
struct BiasPlan {
  ParameterPlan values;
  std::uint32_t word = 0;  ///< place of the first word in the bias buffer; layers alternate between its halves
};

struct LayerPlan {
  MatrixPlan q, k, v, o, gate_up, down;  ///< GPT-2: gate_up is c_fc
  NormPlan input_norm, mlp_norm;
  BiasPlan input_bias, output_bias;  ///< of k, q, v; of o, c_fc, down
};

/// Where everything is. The bytes: WeightPacker.
struct WeightImage {
  std::vector<LayerPlan> layers;
  MatrixPlan head;
  NormPlan final_norm;
  ParameterPlan rope_step;

  std::uint32_t units = 0;  ///< size in 16-byte units
};

/// Throws squat::Error (device unavailable) naming the dimension that this accelerator cannot hold.
void check_limits(const model::ModelConfig& config, const AcceleratorLimits& limits);

/// Moves the biases of every second layer to the second half of this accelerator's bias buffer. Once per image.
void place_biases(WeightImage& image, const AcceleratorLimits& limits);

}  // namespace squat::engine
