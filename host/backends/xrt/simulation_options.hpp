// SPDX-License-Identifier: Apache-2.0
// What a user or a test may choose about a simulated device, and how it travels to the XRT emulation library.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "host/backends/xrt/ddr_parameters.hpp"

namespace squat::backends {

/// Answers one burst with an error. Bursts are counted from 1 over all ports, from the start of the run; 0 = never.
struct FaultPlan {
  std::uint64_t read_burst = 0;
  std::uint64_t write_burst = 0;
};

/// The configurations of hw/spec/configs, which the simulator has all.
std::vector<std::string> configuration_names();

/// The memory that a configuration is simulated with unless SQUAT_SIM_DDR says otherwise: as many bytes a cycle as its four
/// ports for weights take, the rest as in DdrParameters. Throws squat::Error (kUsage) when there is no such configuration.
DdrParameters default_ddr(const std::string& config);

struct SimulationOptions {
  std::string config = "sim";        ///< configuration of the simulated accelerator, by name
  std::optional<DdrParameters> ddr;  ///< nothing: default_ddr(config)
  DdrParameters memory() const { return ddr ? *ddr : default_ddr(config); }
  std::uint64_t stall_seed = 0;  ///< not 0: random back-pressure on every channel of every port
  FaultPlan fault;
  std::string trace;              ///< file for an FST waveform; empty = none
  std::uint64_t cycle_limit = 0;  ///< a run longer than this many cycles ends in a time-out; 0 = no limit
  unsigned devices = 1;           ///< how many devices XRT finds, 1..16
};

/// Sets (or clears) the SQUAT_SIM_* variables that options_from_environment() reads. The emulation library is loaded by
/// XRT, so the environment is the only way to it.
void export_to_environment(const SimulationOptions& options);

/// Throws squat::Error (kUsage) naming the variable that is not understood.
SimulationOptions options_from_environment();

}  // namespace squat::backends
