// SPDX-License-Identifier: Apache-2.0
// Opens a device by kind.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "host/backends/xrt/transport_options.hpp"

namespace squat::backends {

/// Folder with lib/libsquat_xrt.so and sim/: $SQUAT_ROOT, else relative to the program or library that this code is in:
/// ../lib/squat of a program, squat beside a library (installed), their folder or the one above (a build folder, wherever it
/// was moved), else the build folder for programs within it.
std::string default_root();

/// kSimXrt when plug-in, emulation library and its xclbin are under `root`, else kSimDirect.
TransportKind best_simulation(const std::string& root);

/// Points XRT at the emulation library under `root` and passes the options on to it. Sets XILINX_XRT,
/// XCL_EMULATION_MODE and SQUAT_SIM_*; call it before anything of XRT is loaded. Returns the path of the simulation's
/// xclbin. Throws squat::Error (kDeviceUnavailable) when the library was not built.
std::string prepare_simulation_environment(const std::string& root, const SimulationOptions& options);

/// Does what has to be done by the thread that may change the environment, and returns what opens the device, which another
/// thread may call. Both throw squat::Error: kDeviceUnavailable when plug-in, XRT, device or xclbin are missing or do not match
/// this program, kDeviceFailed when the device does not answer.
std::function<std::unique_ptr<Transport>()> prepare_transport(TransportKind kind, TransportOptions options);

/// Both at once.
std::unique_ptr<Transport> open_transport(TransportKind kind, const TransportOptions& options);

}  // namespace squat::backends
