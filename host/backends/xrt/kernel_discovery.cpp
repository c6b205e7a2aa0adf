// SPDX-License-Identifier: Apache-2.0
#include "host/backends/xrt/kernel_discovery.hpp"

#include <algorithm>
#include <cstdio>
#include <vector>

#include "host/model/error.hpp"

namespace squat::backends {
namespace {

std::string hex(std::size_t value) {
  char text[24];
  std::snprintf(text, sizeof text, "0x%03zx", value);
  return text;
}

/// Fills in the arguments; returns what is wrong with the kernel, empty when nothing is.
std::string match(const xrt::xclbin::kernel& kernel, DiscoveredKernel& found) {
  const std::vector<xrt::xclbin::arg> arguments = kernel.get_args();
  for (std::size_t i = 0; i < spec::kKernelArguments.size(); ++i) {
    const spec::KernelArgument& needed = spec::kKernelArguments[i];
    const auto argument =
        std::find_if(arguments.begin(), arguments.end(), [&](const auto& a) { return a.get_name() == needed.name; });
    if (argument == arguments.end()) return std::string("has no argument ") + needed.name;
    if (argument->get_offset() != needed.offset) {
      return std::string("has argument ") + needed.name + " at register " + hex(argument->get_offset()) +
             ", this program expects " + hex(needed.offset);
    }
    found.index[i] = static_cast<int>(argument->get_index());
    found.bank_index[i] = -1;
    if (*needed.port == '\0') continue;  // a scalar
    const std::vector<xrt::xclbin::mem> memories = argument->get_mems();
    if (memories.empty()) return std::string("has argument ") + needed.name + " connected to no memory";
    found.bank_index[i] = static_cast<int>(memories.front().get_index());
  }
  return "";
}

}  // namespace

DiscoveredKernel discover_kernel(const xrt::xclbin& program, const std::string& path) {
  DiscoveredKernel found;
  std::string problems;
  for (const xrt::xclbin::kernel& kernel : program.get_kernels()) {
    const std::string problem = match(kernel, found);
    if (!problem.empty()) {
      problems += (problems.empty() ? "" : "; ") + ("kernel " + kernel.get_name()) + " " + problem;
      continue;
    }
    const std::vector<xrt::xclbin::ip> units = kernel.get_cus();
    if (units.empty()) {
      problems += (problems.empty() ? "" : "; ") + ("kernel " + kernel.get_name()) + " has no compute unit";
      continue;
    }
    // "kernel:instance" in the file.
    const std::string unit = units.front().get_name();
    found.unit = kernel.get_name() + ":{" + unit.substr(unit.find(':') + 1) + "}";
    return found;
  }
  throw Error(ExitCode::kDeviceUnavailable, path +
                                                ": expected a kernel with the arguments of this program's accelerator, found " +
                                                (problems.empty() ? "no kernel at all" : "none: " + problems) +
                                                "; give --xclbin the device program built from this version (see bitstreams/)");
}

}  // namespace squat::backends
