// SPDX-License-Identifier: Apache-2.0
// Device memory behind a TLM-2.0 initiator socket.
#pragma once

#include <tlm_utils/simple_initiator_socket.h>

#include <cstring>
#include <systemc>
#include <tlm>

#include "sim/device_memory.hpp"

namespace squat::sim {

/// Turns beats into 16-byte generic payloads. Delays the target asks for are ignored: the DDR model has the timing.
class TlmMemory final : public DeviceMemory {
 public:
  using Socket = tlm_utils::simple_initiator_socket<TlmMemory>;

  explicit TlmMemory(Socket& socket) : socket_(socket) {}

  /// Only the target knows; a bad address shows in the response of the beat.
  bool contains(std::uint64_t, std::uint64_t) const override { return true; }

  std::uint8_t read(std::uint64_t address, Beat& data) override {
    Beat got{};
    const std::uint8_t response = transfer(tlm::TLM_READ_COMMAND, address, got, nullptr);
    if (response == kRespOkay) data = got;
    return response;
  }

  std::uint8_t write(std::uint64_t address, const Beat& data, std::uint16_t strobes) override {
    Beat copy = data;
    if (strobes == 0xffff) return transfer(tlm::TLM_WRITE_COMMAND, address, copy, nullptr);
    unsigned char enables[kBeatBytes];
    for (unsigned i = 0; i < kBeatBytes; ++i) enables[i] = (strobes >> i) & 1 ? TLM_BYTE_ENABLED : TLM_BYTE_DISABLED;
    return transfer(tlm::TLM_WRITE_COMMAND, address, copy, enables);
  }

 private:
  std::uint8_t transfer(tlm::tlm_command command, std::uint64_t address, Beat& data, unsigned char* enables) {
    tlm::tlm_generic_payload payload;
    payload.set_command(command);
    payload.set_address(address);
    payload.set_data_ptr(reinterpret_cast<unsigned char*>(data.data()));
    payload.set_data_length(kBeatBytes);
    payload.set_streaming_width(kBeatBytes);
    payload.set_byte_enable_ptr(enables);
    payload.set_byte_enable_length(enables != nullptr ? kBeatBytes : 0);
    sc_core::sc_time delay = sc_core::SC_ZERO_TIME;
    socket_->b_transport(payload, delay);
    if (payload.is_response_ok()) return kRespOkay;
    return payload.get_response_status() == tlm::TLM_ADDRESS_ERROR_RESPONSE ? kRespDecErr : kRespSlvErr;
  }

  Socket& socket_;
};

}  // namespace squat::sim
