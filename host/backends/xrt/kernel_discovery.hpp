// SPDX-License-Identifier: Apache-2.0
// Which kernel of a device program is the accelerator, and where its arguments are.
#pragma once

#include <array>
#include <string>

#include "host/backends/xrt/xrt_headers.hpp"
#include "hw/gen/squat_arguments.hpp"

namespace squat::backends {

struct DiscoveredKernel {
  std::string unit;                                             ///< "kernel:{instance}", the first of its compute units
  std::array<int, spec::kKernelArguments.size()> index{};       ///< of each argument, in XRT's numbering
  std::array<int, spec::kKernelArguments.size()> bank_index{};  ///< memory that a buffer argument is connected to, else -1
};

/// The kernel that has all arguments of hw/spec, by name and register; its own name does not matter. Throws squat::Error
/// (kDeviceUnavailable) saying what the file has, what is needed, and what to do.
DiscoveredKernel discover_kernel(const xrt::xclbin& program, const std::string& path);

}  // namespace squat::backends
