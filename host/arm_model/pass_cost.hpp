// SPDX-License-Identifier: Apache-2.0
// What one forward pass of the CPU device would cost on an Arm core. MODELLED: nothing here was measured on Arm hardware.
#pragma once

#include <cstdint>
#include <vector>

#include "host/arm_model/core.hpp"
#include "host/arm_model/cost_table.hpp"
#include "host/model/integer_model.hpp"

namespace squat::arm_model {

/// A pass of `tokens` tokens after `first` cached ones, with the logits of the last token. eight_tokens (layers): tokens of the
/// pass with 8-bit codes by each layer's own widths. The driver between operations, a few percent, is not counted.
Cost pass_cost(const CostTable& table, const model::IntegerModel& m, int first, int tokens,
               const std::vector<std::uint32_t>& eight_tokens);

/// Bytes of packed weights that a pass streams once, and of cached keys and values: from memory, if no cache holds them.
double pass_bytes(const model::IntegerModel& m, int first, int tokens);

struct Milliseconds {
  double least = 0, most = 0;
};

/// From "the slower of computing and reading hides the other", by the fastest model at the memory's peak, to "neither hides the
/// other", by the slowest model times kSlowestOverModel at the memory's sustained rate. Computing is shared by the threads, as
/// many as the core is there; reading is not.
Milliseconds time_range(const Core& core, const Cost& cost, double bytes, int threads);

}  // namespace squat::arm_model
