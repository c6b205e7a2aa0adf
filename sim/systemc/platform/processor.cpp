// SPDX-License-Identifier: Apache-2.0
#include "sim/systemc/platform/processor.hpp"

#include <string>
#include <utility>

#include "host/model/error.hpp"
#include "hw/gen/squat_spec.hpp"
#include "sim/systemc/platform/tlm_transport.hpp"

namespace squat::sim {
namespace {

constexpr std::size_t kStackBytes = 8u << 20;  // a host program, not a line of hardware

void check(const tlm::tlm_generic_payload& payload, const char* what) {
  if (payload.is_response_ok()) return;
  throw Error(ExitCode::kDeviceFailed, std::string("platform: ") + what + " at address " +
                                           std::to_string(payload.get_address()) + ": " + payload.get_response_string());
}

}  // namespace

PlatformProcessor::PlatformProcessor(const sc_core::sc_module_name& name, std::uint64_t base, std::uint64_t bytes,
                                     Program program)
    : sc_core::sc_module(name),
      registers("registers"),
      memory("memory"),
      interrupt("interrupt"),
      bank_(base, bytes),
      program_(std::move(program)) {
  SC_HAS_PROCESS(PlatformProcessor);
  SC_THREAD(execute);
  set_stack_size(kStackBytes);
}

void PlatformProcessor::run() {
  try {
    sc_core::sc_start();
  } catch (const sc_core::sc_report& report) {
    throw Error(ExitCode::kDeviceFailed, std::string("platform: ") + report.get_msg());
  }
  if (thrown_) std::rethrow_exception(thrown_);
}

void PlatformProcessor::execute() {
  try {
    write_register(spec::kRegGie, 1);
    write_register(spec::kRegIer, 1);
    program_(std::make_unique<TlmTransport>(*this));
  } catch (const sc_core::sc_unwind_exception&) {
    throw;  // SystemC ends the thread
  } catch (const std::exception&) {
    thrown_ = std::current_exception();
  }
  sc_core::sc_stop();
}

template <typename Socket>
void PlatformProcessor::transfer(Socket& socket, const char* what, tlm::tlm_command command, std::uint64_t address, void* data,
                                 std::size_t bytes) {
  tlm::tlm_generic_payload payload;
  payload.set_command(command);
  payload.set_address(address);
  payload.set_data_ptr(static_cast<unsigned char*>(data));
  payload.set_data_length(static_cast<unsigned>(bytes));
  payload.set_streaming_width(static_cast<unsigned>(bytes));
  sc_core::sc_time delay = sc_core::SC_ZERO_TIME;
  socket->b_transport(payload, delay);
  wait(delay);
  check(payload, what);
}

std::uint32_t PlatformProcessor::read_register(std::uint32_t offset) {
  std::uint32_t value = 0;
  transfer(registers, "register read", tlm::TLM_READ_COMMAND, offset, &value, sizeof value);
  return value;
}

void PlatformProcessor::write_register(std::uint32_t offset, std::uint32_t value) {
  transfer(registers, "register write", tlm::TLM_WRITE_COMMAND, offset, &value, sizeof value);
}

void PlatformProcessor::copy(tlm::tlm_command command, std::uint64_t address, std::uint8_t* data, std::size_t bytes) {
  if (bytes != 0) transfer(memory, "memory access", command, address, data, bytes);
}

}  // namespace squat::sim
