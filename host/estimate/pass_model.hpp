// SPDX-License-Identifier: Apache-2.0
// When everything of a pass happens on the accelerator, without simulating its logic: docs/reference/cycles.md.
#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "host/backends/xrt/ddr_parameters.hpp"
#include "host/engine/accelerator_limits.hpp"
#include "host/engine/device.hpp"
#include "hw/gen/squat_spec.hpp"

namespace squat::estimate {

/// What a profile record of the accelerator says (hw/spec/profile.json). Cycles of the run's counter: 0 is the first.
struct CommandTimes {
  std::uint64_t start = 0;                          ///< accepted by its unit
  std::uint64_t end = 0;                            ///< done
  std::uint64_t busy = 0;                           ///< without `held`
  std::uint64_t held = 0;                           ///< vec: refused by a memory; io: could not move on
  std::uint64_t weight_stall = 0, drain_stall = 0;  ///< gemm
  std::uint64_t first = 0, last = 0;                ///< gemm, load: busy cycles
};

struct PassTimes {
  engine::DeviceCounters counters;
  std::vector<CommandTimes> commands;  ///< by index of the record
};

/// One kernel start with these records. profile: unit of the pass buffer where profile records go, which costs cycles on the
/// way out; 0: none. widths: for every record, the 8-bit tokens of the table that a tclm command writes (other records: not
/// read). Throws squat::Error (internal) when the commands wait for each other.
PassTimes time_pass(const std::vector<spec::Record>& records, const std::vector<unsigned>& widths,
                    const backends::DdrParameters& ddr, const engine::AcceleratorLimits& limits, std::uint32_t profile = 0);

}  // namespace squat::estimate
