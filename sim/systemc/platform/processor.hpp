// SPDX-License-Identifier: Apache-2.0
// The processor of the example platform: runs a host program against the accelerator's registers and the shared memory.
#pragma once

#include <tlm_utils/simple_initiator_socket.h>

#include <cstdint>
#include <exception>
#include <functional>
#include <memory>
#include <systemc>
#include <tlm>

#include "host/backends/xrt/transport.hpp"
#include "sim/bank_allocator.hpp"

namespace squat::sim {

/// The host program as an SC_THREAD. The simulation stops when it ends.
class PlatformProcessor : public sc_core::sc_module {
 public:
  /// Gets the accelerator as the driver wants it; everything that holds a part of it must be gone at the end.
  using Program = std::function<void(std::unique_ptr<backends::Transport>)>;

  tlm_utils::simple_initiator_socket<PlatformProcessor> registers, memory;
  sc_core::sc_in<bool> interrupt;

  /// Buffers come from the bank [base, base + bytes).
  PlatformProcessor(const sc_core::sc_module_name& name, std::uint64_t base, std::uint64_t bytes, Program program);

  /// Simulates until the program ends. Throws what it threw, and squat::Error (kDeviceFailed) when a component reported an
  /// error. At most once in a process, as SystemC has it.
  void run();

  // What the transport is made of, for the program's thread only.
  std::uint32_t read_register(std::uint32_t offset);
  void write_register(std::uint32_t offset, std::uint32_t value);
  void copy(tlm::tlm_command command, std::uint64_t address, std::uint8_t* data, std::size_t bytes);
  BankAllocator& bank() { return bank_; }

 private:
  void execute();
  template <typename Socket>
  void transfer(Socket& socket, const char* what, tlm::tlm_command command, std::uint64_t address, void* data,
                std::size_t bytes);

  BankAllocator bank_;
  Program program_;
  std::exception_ptr thrown_;
};

}  // namespace squat::sim
