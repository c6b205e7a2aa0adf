// SPDX-License-Identifier: Apache-2.0
// One forward pass as accelerator commands: docs/develop/accelerator.md, "Schedule of one layer".
#pragma once

#include <cstdint>
#include <vector>

#include "host/engine/buffer_plan.hpp"
#include "host/engine/command.hpp"
#include "host/engine/weight_image.hpp"
#include "host/model/integer_model.hpp"

namespace squat::engine {

/// The pass buffer in DDR, units of 16 bytes: embedding rows and, for GPT-2, position rows in, logits and profile records out,
/// the status block in its last 64 units.
struct IoPlan {
  std::uint32_t embedding = 0;
  std::uint32_t positions = 0;
  std::uint32_t logits = 0;
  std::uint32_t logits_stride = 0;  ///< units per row of int32 logits, vocabulary padded to 32
  std::uint32_t profile = 0;        ///< 0: no records
  std::uint32_t status = 0;
  std::uint32_t units = 0;
};

inline constexpr std::uint32_t kProfileUnits = 4;  ///< of one command's record

/// With room for the profile records of `profiled` commands.
IoPlan plan_io(const model::ModelConfig& config, int tokens, int logit_rows, std::uint32_t profiled = 0);

struct Pass {
  PassShape shape;
  int logit_rows = 1;                       ///< the last rows of the pass whose logits are wanted, 0..tokens
  std::vector<std::uint32_t> eight_before;  ///< per layer: 8-bit tokens at earlier positions (mixed widths only)
  std::uint32_t embedding_crc = 0;          ///< CRC-32 of the embedding rows in the pass buffer
  std::uint32_t positions_crc = 0;          ///< GPT-2: of the position rows
};

/// Commands of the pass. The shape must fit: see plan_buffers.
Program compile_pass(const model::IntegerModel& m, const AcceleratorLimits& limits, const WeightImage& image, const KvPlan& kv,
                     const IoPlan& io, const BufferPlan& buffers, const Pass& pass);

}  // namespace squat::engine
