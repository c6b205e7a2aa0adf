// SPDX-License-Identifier: Apache-2.0
// Where the intermediate results of one pass lie in the accelerator's on-chip memories, and the KV cache in DDR.
#pragma once

#include <cstdint>
#include <optional>

#include "host/engine/accelerator_limits.hpp"
#include "host/model/integer_model.hpp"

namespace squat::engine {

/// A region of activation memory (addresses per bank) or vector memory (words).
struct Region {
  std::uint32_t base = 0;
  std::uint32_t stride = 0;  ///< addresses per pair of slot groups, or words per token
};

/// Shape of one pass: `tokens` new tokens after `first_position` cached ones.
struct PassShape {
  int tokens = 0;
  int first_position = 0;
  int keys() const { return first_position + tokens; }
};

struct BufferPlan {
  bool banded = false;                          ///< linear layers split K over the row bands (decoding)
  bool scores_banded = false;                   ///< so do the products of queries and keys
  Region residual, score[2], value;             ///< vector memory
  Region normed, query, key, attention, gated;  ///< activation memory
  Region probability;                           ///< of head 0
  std::uint32_t probability_step = 0;           ///< addresses between heads
  std::uint32_t key_tiles = 0;                  ///< blocks of 32 positions
  std::uint32_t values_ks = 0;                  ///< positions per ring bank in the product with the values
};

/// Empty when the pass does not fit the on-chip memories.
std::optional<BufferPlan> plan_buffers(const model::ModelConfig& config, const AcceleratorLimits& limits, PassShape shape);

/// The longest pass of at most `tokens` tokens that fits; 0 when not even one token does.
int longest_pass(const model::ModelConfig& config, const AcceleratorLimits& limits, PassShape shape);

/// KV cache in DDR, units of 16 bytes; docs/develop/accelerator.md, "KV cache".
struct KvPlan {
  std::uint32_t k_head_stride = 0;  ///< between heads
  std::uint32_t v_head_stride = 0;
  std::uint32_t v_tile_stride = 0;  ///< between tiles of 32 channels
  std::uint32_t layer_stride = 0;
  std::uint32_t v_offset = 0;  ///< of the values inside a layer
  std::uint32_t units = 0;     ///< the whole cache

  std::uint32_t k(int layer, int head) const {
    return static_cast<std::uint32_t>(layer) * layer_stride + static_cast<std::uint32_t>(head) * k_head_stride;
  }
  std::uint32_t v(int layer, int head) const {
    return static_cast<std::uint32_t>(layer) * layer_stride + v_offset + static_cast<std::uint32_t>(head) * v_head_stride;
  }
};

KvPlan plan_kv(const model::ModelConfig& config, int context);

}  // namespace squat::engine
