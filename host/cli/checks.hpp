// SPDX-License-Identifier: Apache-2.0
// The findings of squat doctor, in the order they are shown.
#pragma once

#include <string>
#include <vector>

#include "host/cli/probe.hpp"

namespace squat::cli {

/// Every check is a probe of its own with a limit, so this returns whatever is broken. `xclbin`: a device program to hold
/// against this program and this machine, and to open a board with; empty for none.
std::vector<Check> run_checks(const std::string& xclbin);

/// XRT: the library and its version, XILINX_XRT, the emulation mode and the driver library that belongs to it.
std::vector<Check> xrt_checks();

/// Is the device program sound, does it hold this program's accelerator, and does the environment fit its mode?
std::vector<Check> xclbin_checks(const std::string& path);

}  // namespace squat::cli
