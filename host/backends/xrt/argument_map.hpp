// SPDX-License-Identifier: Apache-2.0
// Where the arguments stand in the register map, and the range check every buffer needs.
#pragma once

#include <array>
#include <cstdint>
#include <string>

#include "host/backends/xrt/transport.hpp"
#include "host/model/error.hpp"
#include "hw/gen/squat_spec.hpp"

namespace squat::backends {

constexpr std::uint32_t register_of(Argument argument) {
  constexpr std::array<std::uint32_t, 13> kOffsets = {
      spec::kRegCmdAddr, spec::kRegWeights0, spec::kRegWeights1, spec::kRegWeights2, spec::kRegWeights3,
      spec::kRegKv,      spec::kRegIo,       spec::kRegCmdCount, spec::kRegProfile,  spec::kRegWeightsUnits,
      spec::kRegKvUnits, spec::kRegIoUnits,  spec::kRegWatchdog};
  return kOffsets[static_cast<std::size_t>(argument)];
}

/// Throws squat::Error (kInternal) when [offset, offset + bytes) is not inside the buffer.
inline void check_range(const DeviceBuffer& buffer, std::size_t offset, std::size_t bytes) {
  if (offset <= buffer.size() && bytes <= buffer.size() - offset) return;
  throw Error(ExitCode::kInternal, "device buffer of " + std::to_string(buffer.size()) + " bytes: copy of " +
                                       std::to_string(bytes) + " bytes at offset " + std::to_string(offset) +
                                       " leaves the buffer");
}

}  // namespace squat::backends
