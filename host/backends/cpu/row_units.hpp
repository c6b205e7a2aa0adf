// SPDX-License-Identifier: Apache-2.0
// The units of a pass that work on a whole row of the residual stream, whoever schedules them.
#pragma once

#include <cstdint>

#include "host/backends/cpu/vector_units.hpp"
#include "host/model/integer_model.hpp"

namespace squat::backends::cpu {

/// sum (hidden) = the residual row of token `id` at `position`: its embedding and, in GPT-2 models, that of the position.
void embed_row(const model::IntegerModel& m, const VectorUnits& units, int id, int position, std::int32_t* sum);

/// Angles of a position: cos and sin (head_dim / 2), shared by all layers and heads.
void rope_row(const model::IntegerModel& m, int position, std::int32_t* cos, std::int32_t* sin);

/// code (hidden) = norm of the residual row x (hidden), in 8 bits or 4.
void norm_row(const model::IntegerModel& m, const VectorUnits& units, const model::IntNorm& n, const std::int32_t* x,
              bool eight_bit, std::int8_t* code);

}  // namespace squat::backends::cpu
