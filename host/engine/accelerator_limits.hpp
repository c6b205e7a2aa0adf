// SPDX-License-Identifier: Apache-2.0
// The sizes of one accelerator build, as its capability registers report them.
#pragma once

#include <string>

#include "hw/gen/squat_spec.hpp"

namespace squat::engine {

struct AcceleratorLimits {
  int rows = static_cast<int>(spec::kSimRows);        ///< cells of the array: slots of a group
  int columns = static_cast<int>(spec::kSimColumns);  ///< and pairs of output channels; every 16 are a tile multiplied at once
  int bands = static_cast<int>(spec::kSimBands);
  int axi_bits = static_cast<int>(spec::kSimAxiBits);        ///< of each of the four read ports for weights
  int asram_depth = static_cast<int>(spec::kSimAsramDepth);  ///< addresses per bank of activation memory
  int vsram_depth = static_cast<int>(spec::kSimVsramDepth);  ///< 64-byte words of vector memory
  int ring_depth = static_cast<int>(spec::kSimRingDepth);    ///< 16-byte words per weight ring bank
  int bias_depth = static_cast<int>(spec::kSimBiasDepth);    ///< words of 16 biases; a layer's fit one half
  int max_tokens = static_cast<int>(spec::kSimMaxTokens);
  int max_context = static_cast<int>(spec::kSimMaxContext);
  int max_hidden = static_cast<int>(spec::kSimMaxHidden);
  int max_layers = static_cast<int>(spec::kSimMaxLayers);

  int cells() const { return rows * columns; }
  /// Tiles of 32 output channels that one pass can multiply.
  int blocks() const { return columns / 16; }
  int beat_words() const { return axi_bits / 128; }         ///< 16-byte words of a beat
  int bytes_per_cycle() const { return 4 * axi_bits / 8; }  ///< of weights, through all four ports
};

/// The sizes of a configuration of hw/spec/configs.
AcceleratorLimits limits_of(const spec::Config& config);

/// The configuration of that name, nullptr when there is none.
const spec::Config* config_named(const std::string& name);

/// The configuration with these sizes, nullptr when none has them.
const spec::Config* config_with(const AcceleratorLimits& limits);

}  // namespace squat::engine
