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

/// Cycles of the run's counter: 0 is the first.
struct CommandTimes {
  std::uint64_t start = 0;  ///< accepted by its unit
  std::uint64_t end = 0;    ///< done
};

struct PassTimes {
  engine::DeviceCounters counters;
  std::vector<CommandTimes> commands;  ///< by index of the record
};

/// One kernel start with these records. widths: for every record, the 8-bit tokens of the table that a tclm command writes (other
/// records: not read). Throws squat::Error (internal) when the commands wait for each other.
PassTimes time_pass(const std::vector<spec::Record>& records, const std::vector<unsigned>& widths,
                    const backends::DdrParameters& ddr, const engine::AcceleratorLimits& limits);

}  // namespace squat::estimate
