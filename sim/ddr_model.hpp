// SPDX-License-Identifier: Apache-2.0
// Cycle model of the DDR memory behind the ports of a kernel.
#pragma once

#include <cstdint>
#include <vector>

#include "host/backends/xrt/ddr_parameters.hpp"
#include "host/backends/xrt/simulation_options.hpp"
#include "sim/axi_signals.hpp"
#include "sim/ddr_ports.hpp"
#include "sim/device_memory.hpp"
#include "sim/simulation_log.hpp"
#include "sim/stall_source.hpp"

namespace squat::sim {

using backends::DdrParameters;
using backends::FaultPlan;
using backends::SimulationOptions;

/// One data bus for all ports: in a cycle it moves up to bytes_per_cycle, all reads or all writes. It prefers reads and
/// turns to writing when DdrParameters::kWriteBatch beats wait, when the oldest waits for DdrParameters::kWriteAge cycles, or
/// when no read request is open. A pause of the readers alone is no reason: a controller that turned for every single beat
/// would spend its time turning. A beat wider than what is left of the cycle takes another one.
///
/// Per cycle: drive() sets the slave's signals, the kernel answers, update() takes what both agreed on.
class DdrModel {
 public:
  DdrModel(unsigned ports, DeviceMemory& memory, SimulationLog& log, const SimulationOptions& options);

  void drive(AxiPort* ports);
  void update(const AxiPort* ports);

  /// Starts refresh phase, burst numbers and stall pattern anew: the same run then takes the same cycles, whatever
  /// happened before it.
  void restart_timing();
  void reset();  ///< restart_timing() and no burst in flight

  /// No transaction in flight.
  bool idle() const;

  std::uint64_t read_beats() const { return read_beats_; }    ///< of kBeatBytes, since restart_timing()
  std::uint64_t write_beats() const { return write_beats_; }  ///< since restart_timing()

 private:
  DdrBurst take(const AxiAddress& request, bool write, unsigned port);
  void move_data();
  bool in_refresh();
  bool writes_go_first() const;

  DeviceMemory& memory_;
  SimulationLog& log_;
  DdrParameters ddr_;
  FaultPlan fault_;
  StallSource stalls_;
  std::vector<DdrReadPort> readers_;
  std::vector<DdrWritePort> writers_;
  std::uint64_t now_ = 0, free_at_ = 0, batch_before_ = 0;
  unsigned phase_ = 0, first_ = 0;
  bool writing_ = false;
  std::uint64_t read_bursts_ = 0, write_bursts_ = 0, read_beats_ = 0, write_beats_ = 0;
};

}  // namespace squat::sim
