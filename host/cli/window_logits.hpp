// SPDX-License-Identifier: Apache-2.0
// Devices and the floating-point reference as host/evaluate sees them: ids in, logits out.
#pragma once

#include <cstdint>
#include <vector>

#include "host/engine/sequence.hpp"
#include "host/evaluate/perplexity.hpp"
#include "host/reference_float/float_reference.hpp"

namespace squat::cli {

/// Integer logits of a window, run from position 0 in passes of at most the largest chunk: of every position, or with kLast one
/// row, that of the last. `logits` is its memory; the shares of 8-bit tokens add up in `share`. All three outlive the function.
evaluate::LogitsFunction logits_of(engine::Device& device, std::vector<std::int32_t>& logits, engine::EightBitShare& share,
                                   engine::RowRange rows = engine::RowRange::kAll);

evaluate::LogitsFunction logits_of(reference::FloatReference& reference, engine::RowRange rows = engine::RowRange::kAll);

}  // namespace squat::cli
