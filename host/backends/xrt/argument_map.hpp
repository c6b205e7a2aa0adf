// SPDX-License-Identifier: Apache-2.0
// Where the arguments stand in the register map, and the range check every buffer needs.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

#include "host/backends/xrt/transport.hpp"
#include "host/model/error.hpp"
#include "hw/gen/squat_arguments.hpp"
#include "hw/gen/squat_spec.hpp"

namespace squat::backends {

/// Name, register and kind, from hw/spec.
constexpr const spec::KernelArgument& description_of(Argument argument) {
  return spec::kKernelArguments[static_cast<std::size_t>(argument)];
}
constexpr std::uint32_t register_of(Argument argument) { return description_of(argument).offset; }

static_assert(register_of(Argument::kCmd) == spec::kRegCmdAddr && register_of(Argument::kWeights3) == spec::kRegWeights3 &&
                  register_of(Argument::kIo) == spec::kRegIo && register_of(Argument::kWatchdog) == spec::kRegWatchdog &&
                  spec::kKernelArguments.size() == static_cast<std::size_t>(Argument::kWatchdog) + 1,
              "the order of Argument is that of hw/spec/registers.json");

/// Throws squat::Error (kInternal) when [offset, offset + bytes) is not inside the buffer.
inline void check_range(const DeviceBuffer& buffer, std::size_t offset, std::size_t bytes) {
  if (offset <= buffer.size() && bytes <= buffer.size() - offset) return;
  throw Error(ExitCode::kInternal, "device buffer of " + std::to_string(buffer.size()) + " bytes: copy of " +
                                       std::to_string(bytes) + " bytes at offset " + std::to_string(offset) +
                                       " leaves the buffer");
}

}  // namespace squat::backends
