// SPDX-License-Identifier: Apache-2.0
// The sizes of one accelerator build, as its capability registers report them.
#pragma once

#include "hw/gen/squat_spec.hpp"

namespace squat::engine {

struct AcceleratorLimits {
  int asram_depth = static_cast<int>(spec::kSimAsramDepth);  ///< addresses per bank of activation memory
  int vsram_depth = static_cast<int>(spec::kSimVsramDepth);  ///< 64-byte words of vector memory
  int ring_depth = static_cast<int>(spec::kSimRingDepth);    ///< 16-byte words per weight ring bank
  int bias_depth = static_cast<int>(spec::kSimBiasDepth);    ///< words of 16 biases; a layer's fit one half
  int max_tokens = static_cast<int>(spec::kSimMaxTokens);
  int max_context = static_cast<int>(spec::kSimMaxContext);
  int max_hidden = static_cast<int>(spec::kSimMaxHidden);
  int max_layers = static_cast<int>(spec::kSimMaxLayers);
};

}  // namespace squat::engine
