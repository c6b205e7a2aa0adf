// SPDX-License-Identifier: Apache-2.0
// The memory of the example platform.
#pragma once

#include <tlm_utils/simple_target_socket.h>

#include <cstring>
#include <systemc>
#include <tlm>

#include "sim/sparse_memory.hpp"

namespace squat::sim {

/// One bank that the processor and the accelerator share. Takes no time: the accelerator's DDR timing is that of SquatSc, and
/// the processor's copies are not timed.
class PlatformMemory : public sc_core::sc_module {
 public:
  tlm_utils::simple_target_socket_tagged<PlatformMemory> processor, accelerator;  ///< transfers of any length

  PlatformMemory(const sc_core::sc_module_name& name, std::uint64_t base, std::uint64_t bytes)
      : sc_core::sc_module(name), processor("processor"), accelerator("accelerator") {
    memory_.add_bank(base, bytes);
    processor.register_b_transport(this, &PlatformMemory::access, 0);
    accelerator.register_b_transport(this, &PlatformMemory::access, 1);
  }

 private:
  void access(int, tlm::tlm_generic_payload& payload, sc_core::sc_time&) {
    const std::size_t size = payload.get_data_length();
    std::byte* at = memory_.find(payload.get_address(), size);
    if (at == nullptr) return payload.set_response_status(tlm::TLM_ADDRESS_ERROR_RESPONSE);
    const unsigned char* enables = payload.get_byte_enable_ptr();
    if (payload.is_read()) {
      std::memcpy(payload.get_data_ptr(), at, size);
    } else if (enables == nullptr) {
      std::memcpy(at, payload.get_data_ptr(), size);
    } else {
      const unsigned length = payload.get_byte_enable_length();
      for (std::size_t i = 0; i < size; ++i) {
        if (enables[i % length] == TLM_BYTE_ENABLED) at[i] = static_cast<std::byte>(payload.get_data_ptr()[i]);
      }
    }
    payload.set_response_status(tlm::TLM_OK_RESPONSE);
  }

  SparseMemory memory_;
};

}  // namespace squat::sim
