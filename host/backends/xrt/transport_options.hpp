// SPDX-License-Identifier: Apache-2.0
// How to open a device.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "host/backends/xrt/simulation_options.hpp"
#include "host/backends/xrt/transport.hpp"

namespace squat::backends {

/// Asked while a device works; true: end the run, the program was asked to stop.
using StopFunction = std::function<bool()>;

/// Called now and then during a run: simulated or measured kernel cycles so far, and cycles per second of wall time.
using ProgressFunction = std::function<void(std::uint64_t cycles, double cycles_per_second)>;

enum class TransportKind {
  kFpga,       ///< XRT with the machine's own set-up
  kSimXrt,     ///< XRT with the emulation library of this project
  kSimDirect,  ///< the simulated kernel inside this process, without XRT
};

struct TransportOptions;
using DirectFactory = std::function<std::unique_ptr<Transport>(const TransportOptions&)>;

struct TransportOptions {
  std::string xclbin;            ///< device program; for kSimXrt found under `root` when empty
  unsigned device_index = 0;     ///< XRT device number
  std::string root;              ///< folder with lib/libsquat_xrt.so and sim/; empty = default_root()
  SimulationOptions simulation;  ///< ignored by kFpga
  ProgressFunction progress;     ///< may be empty
  StopFunction stop;             ///< may be empty
  /// The longest wait for one answer of the device, of a run as of any other call; 0: what run_control.hpp finds right.
  std::chrono::milliseconds time_limit{0};
  bool check_identity = true;  ///< compare the kernel's id and spec hash with this program's
  DirectFactory direct;        ///< sim::open_direct_transport where the simulator is built in, else empty
};

}  // namespace squat::backends
