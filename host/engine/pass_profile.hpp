// SPDX-License-Identifier: Apache-2.0
// What the accelerator's records say about each command of a pass: hw/spec/profile.json.
#pragma once

#include <cstdint>
#include <vector>

#include "host/engine/command_role.hpp"
#include "hw/gen/squat_spec.hpp"

namespace squat::engine {

struct CommandProfile {
  Place place;
  std::uint32_t opcode = 0, unit = 0;
  std::uint32_t start = 0, end = 0;   ///< cycles of the run: accepted by the unit, done
  std::uint32_t busy = 0;             ///< cycles; what counts as busy depends on the unit
  std::uint32_t first = 0, last = 0;  ///< gemm, load: the first and the last busy cycle
  std::uint32_t weight_stall = 0, drain_stall = 0;
  std::uint32_t read_beats = 0, write_beats = 0;
  std::uint32_t eight_tokens = 0, four_tokens = 0;
};

/// One kernel start.
struct PassProfile {
  int tokens = 0, first_position = 0;
  std::uint64_t cycles = 0;                           ///< from start to done
  std::vector<std::uint32_t> eight_tokens_per_layer;  ///< (layers): 8-bit tokens of this start by the layer's own widths
  std::vector<CommandProfile> commands;               ///< by index
};

/// Parses one record per command (64 bytes each). Throws squat::Error (device failed) when one is not that of its command or
/// ends after the run: it was not written.
std::vector<CommandProfile> parse_profile(const std::uint8_t* bytes, const std::vector<spec::Record>& commands,
                                          const std::vector<Place>& places, std::uint64_t cycles);

}  // namespace squat::engine
