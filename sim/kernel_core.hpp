// SPDX-License-Identifier: Apache-2.0
// A kernel as the simulation sees it: a clock, a control port, memory ports, an interrupt.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <string>

#include "sim/axi_signals.hpp"

namespace squat::sim {

constexpr unsigned kMemoryPorts = 5;  ///< m_axi_gmem0 (reads and writes) and m_axi_gmem1..4 (read only)

/// The AXI4-Lite control port.
struct ControlPort {
  bool awvalid = false, awready = false, wvalid = false, wready = false, bvalid = false, bready = false;
  bool arvalid = false, arready = false, rvalid = false, rready = false;
  std::uint16_t awaddr = 0, araddr = 0;
  std::uint32_t wdata = 0, rdata = 0;
};

struct KernelSignals {
  bool reset = true;
  bool interrupt = false;
  ControlPort control;
  std::array<AxiPort, kMemoryPorts> ports;
};

/// One kernel instance. A cycle is settle() with the inputs of the cycle, then rise().
class KernelCore {
 public:
  virtual ~KernelCore() = default;

  /// Clock low: applies the inputs in `signals` and fills in the kernel's outputs of this cycle.
  virtual void settle(KernelSignals& signals) = 0;
  /// Rising clock edge.
  virtual void rise() = 0;
  /// Width of a port's read data; write data are kBeatBytes wide.
  virtual unsigned read_bytes(unsigned /*port*/) const { return kBeatBytes; }
  /// An assertion in the RTL failed or the RTL stopped the simulation.
  virtual bool stopped() const = 0;
  /// Starts an FST waveform. Throws squat::Error (kUsage) when the model was built without tracing.
  virtual void trace(const std::string& path) = 0;
};

/// Makes the kernel of this program in a configuration of hw/spec/configs; defined by the library that squat_kernel_core()
/// (sim/SquatKernelCore.cmake) generates: the accelerator, or in tests a stand-in, which is the same in every configuration.
/// Throws squat::Error (device unavailable) when the program has no such configuration.
std::unique_ptr<KernelCore> make_kernel_core(const std::string& config = "sim");

}  // namespace squat::sim
