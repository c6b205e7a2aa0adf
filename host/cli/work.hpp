// SPDX-License-Identifier: Apache-2.0
// What a forward pass needs at least, from its shape alone: the numerators of both utilisations.
#pragma once

#include <cstdint>
#include <vector>

#include "host/engine/command_role.hpp"
#include "host/model/integer_model.hpp"

namespace squat::cli {

struct Work {
  double macs8 = 0;  ///< products the array does 2 per cell and cycle: 8-bit codes, attention, the head
  double macs4 = 0;  ///< products it can do 4 per cell and cycle: 4-bit weights times 4-bit codes
  double bytes = 0;  ///< weights, head and cached keys and values, each read once

  Work& operator+=(const Work& other) {
    macs8 += other.macs8;
    macs4 += other.macs4;
    bytes += other.bytes;
    return *this;
  }
};

/// One linear layer (is_linear) of one pass. eight_tokens: as below.
Work linear_work(const model::IntegerModel& m, int layer, engine::Role role, int tokens,
                 const std::vector<std::uint32_t>& eight_tokens);

/// One pass of `tokens` tokens after `first_position` cached ones with one row of logits. Attention counts causal products
/// only. eight_tokens (layers): 8-bit tokens by each layer's own widths.
Work work_of_pass(const model::IntegerModel& m, int first_position, int tokens, const std::vector<std::uint32_t>& eight_tokens);

/// Cycles an array of `cells` needs when every cell is busy in every cycle.
inline double ideal_mac_cycles(const Work& work, int cells) { return work.macs8 / (2.0 * cells) + work.macs4 / (4.0 * cells); }
/// Cycles the memory needs when the accelerator's ports for weights take `bytes_per_cycle` in every cycle.
inline double ideal_memory_cycles(const Work& work, int bytes_per_cycle) { return work.bytes / bytes_per_cycle; }

}  // namespace squat::cli
