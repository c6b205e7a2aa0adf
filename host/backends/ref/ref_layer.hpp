// SPDX-License-Identifier: Apache-2.0
// The steps of a decoder layer on whole tensors, each a loop over units of hls/. All tensors are row-major, one row per token.
#pragma once

#include <cstdint>
#include <vector>

#include "host/model/integer_model.hpp"

namespace squat::backends::ref {

using Codes = std::vector<std::int8_t>;    ///< activation codes on the 8-bit grid
using Widths = std::vector<std::uint8_t>;  ///< per token, 1 = 8 bit
using Wide = std::vector<std::int32_t>;    ///< accumulators, or the residual stream with 16 fraction bits
using Probabilities = std::vector<std::uint8_t>;

/// Residual (T, hidden) -> codes (T, hidden).
Codes norm(const model::IntegerModel& m, const model::IntNorm& norm, const Wide& residual, const Widths& widths);

/// Codes (T, columns) -> accumulators (T, rows) with their bias, through the packed multiplier.
Wide linear(const model::IntMatrix& w, const Codes& codes, const Widths& widths);

/// Accumulators of q or k (T, heads * head_dim) -> rotated codes of the same shape; token t is at position first + t.
Codes rope(const model::IntegerModel& m, const Wide& acc, int heads, hls::Requant r, int first, const Widths& widths);

/// Accumulators (T, kv_heads * head_dim) -> value codes.
Codes values(const Wide& acc, hls::Requant r, const Widths& widths);

/// residual += acc * factor, element by element.
void add_to_residual(Wide& residual, const Wide& acc, hls::Requant r);

/// Accumulators of gate and up (T, intermediate) -> down_proj input codes.
Codes gated(const model::IntLayer& layer, const Wide& gate, const Wide& up, const Widths& widths);

/// Accumulators of GPT-2's c_fc (T, intermediate) -> input codes of the MLP's second projection.
Codes ungated(const model::IntLayer& layer, const Wide& up, const Widths& widths);

}  // namespace squat::backends::ref
