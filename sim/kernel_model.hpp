// SPDX-License-Identifier: Apache-2.0
// The simulated device: a kernel with its memory, its checkers and a register master, one clock cycle after the other.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "host/backends/xrt/simulation_options.hpp"
#include "sim/axi_checker.hpp"
#include "sim/ddr_model.hpp"
#include "sim/kernel_core.hpp"
#include "sim/simulation_log.hpp"
#include "sim/sparse_memory.hpp"

namespace squat::sim {

enum class RunProgress {
  kIdle,     ///< no run was started since the last one ended
  kRunning,  ///< not done yet
  kDone,
  kFailed,  ///< a broken AXI rule, an access outside the memory or a failed assertion; see error()
  kLimit    ///< SimulationOptions::cycle_limit reached
};

/// How a kernel is started and says that it is done. Registers 0x00..0x0c as in hw/spec/registers.json.
struct Handshake {
  bool chain = false;     ///< ap_ctrl_chain: done stays until ap_continue is written; else ap_ctrl_hs
  bool interrupt = true;  ///< the end of a run is seen on the interrupt line; else ap_ctrl is read every kPollCycles
};

/// Time passes only in register accesses, in advance() and in reset(). Not thread safe.
class KernelModel {
 public:
  /// Resets the kernel. Without `external` memory the model has its own, empty memory(). Throws squat::Error.
  KernelModel(std::unique_ptr<KernelCore> core, const SimulationOptions& options, DeviceMemory* external = nullptr,
              Handshake handshake = {});
  static constexpr std::uint64_t kPollCycles = 64;

  SparseMemory& memory() { return memory_; }

  /// One AXI4-Lite access. Throws squat::Error (kDeviceFailed) when the kernel does not answer. Writing 1 to ap_ctrl
  /// starts a run, as start() does.
  void write_register(std::uint32_t offset, std::uint32_t value);
  std::uint32_t read_register(std::uint32_t offset);
  std::uint64_t read_register64(std::uint32_t offset);

  void start();

  /// Simulates up to `cycles` cycles of the current run and says how it stands.
  RunProgress advance(std::uint64_t cycles);
  /// The kernel's interrupt output. The model enables it in every reset to see the end of a run.
  bool interrupt() const { return signals_.interrupt; }
  RunProgress progress() const { return progress_; }

  /// Cycles of the current or last run, from the cycle after its start to the one in which it was done; what the
  /// kernel's own `cycles` register must say.
  std::uint64_t run_cycles() const;

  /// Gives up the current run; the kernel is reset before the next one.
  void abandon();

  /// After kDone: empty, or what is wrong between the kernel's own `cycles` register and run_cycles(). The kernel counts
  /// until it writes the status block, which holds the count; writing it takes at most kStatusCycles (with random stalls
  /// kStalledStatusCycles). Kernels without a Squat id register have no count, and nothing is wrong.
  std::string cycle_mismatch();
  static constexpr std::uint64_t kStatusCycles = 1024, kStalledStatusCycles = 8192;

  /// Brings the kernel back to the state after power-up; memory keeps its contents, arguments do not. Happens by itself in
  /// the first register write after a failed run.
  void reset();

  const DdrModel& ddr() const { return ddr_; }
  const SimulationLog& log() const { return log_; }
  /// First error since the last start, empty when there was none.
  std::string error() const;

 private:
  void tick();
  void wait_for(bool& pending, const char* what, std::uint32_t offset);
  void finish();
  void poll();

  std::unique_ptr<KernelCore> core_;
  SimulationOptions options_;
  Handshake handshake_;
  SimulationLog log_;
  SparseMemory memory_;
  DdrModel ddr_;
  std::vector<AxiChecker> checkers_;
  KernelSignals signals_;
  StallSource control_stalls_;
  RunProgress progress_ = RunProgress::kIdle;
  bool start_pending_ = false, write_pending_ = false, read_pending_ = false;
  std::uint32_t read_value_ = 0;
  std::uint64_t cycle_ = 0, started_ = 0, ended_ = 0;
};

}  // namespace squat::sim
