// SPDX-License-Identifier: Apache-2.0
// The simulated accelerator as a SystemC module with TLM-2.0 sockets, for virtual platforms.
#pragma once

#include <tlm_utils/simple_initiator_socket.h>
#include <tlm_utils/simple_target_socket.h>

#include <memory>
#include <systemc>
#include <tlm>

#include "sim/kernel_model.hpp"
#include "sim/systemc/tlm_memory.hpp"

namespace squat::sim {

/// Loosely timed: registers answer with their delay in the transaction; while a run goes on, time passes in slices of
/// kSlice cycles. The memory behind `memory` gives data only; DDR timing and AXI checks are those of KernelModel.
/// A run that breaks a rule is an SC_ERROR.
class SquatSc : public sc_core::sc_module {
 public:
  static constexpr unsigned kSlice = 256;  ///< clock cycles between two synchronisations with the platform

  tlm_utils::simple_target_socket<SquatSc> registers;    ///< 4-byte accesses at the offsets of hw/spec/registers.json
  tlm_utils::simple_initiator_socket<TlmMemory> memory;  ///< 16-byte accesses with byte enables
  sc_core::sc_out<bool> interrupt;

  SquatSc(const sc_core::sc_module_name& name, sc_core::sc_time clock_period, const SimulationOptions& options = {});

  const KernelModel& model() const { return *model_; }

 private:
  void access(tlm::tlm_generic_payload& payload, sc_core::sc_time& delay);
  void run();
  void show_interrupt();
  bool intercept(bool write, std::uint32_t offset, std::uint32_t& value);

  TlmMemory memory_access_;
  sc_core::sc_time period_;
  SimulationOptions options_;
  std::unique_ptr<KernelModel> model_;
  sc_core::sc_mutex busy_;  ///< a memory access may wait, and must not be overtaken by a register access
  sc_core::sc_event started_, changed_;
  std::uint32_t gie_ = 0, ier_ = 0;  ///< the platform's view; the model keeps its own interrupt enabled
};

}  // namespace squat::sim
