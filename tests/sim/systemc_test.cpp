// SPDX-License-Identifier: Apache-2.0
// A small virtual platform: a processor that writes registers, a memory, and the stand-in kernel between them.
#include <tlm_utils/simple_target_socket.h>

#include <cstring>
#include <vector>

#include "hw/gen/squat_spec.hpp"
#include "sim/systemc/squat_sc.hpp"
#include "tests/catch.hpp"

using namespace squat;

int sc_main(int, char**) { return 0; }  // the library's main() wants it; the tests have their own

namespace {

constexpr std::uint64_t kBase = 0x40000000ULL, kOut = 0x8000;
constexpr std::uint32_t kUnits = 1024;

struct Ram : sc_core::sc_module {
  tlm_utils::simple_target_socket<Ram> socket{"socket"};
  std::vector<unsigned char> bytes = std::vector<unsigned char>(1 << 16);

  explicit Ram(const sc_core::sc_module_name& name) : sc_core::sc_module(name) {
    socket.register_b_transport(this, &Ram::access);
  }
  void access(tlm::tlm_generic_payload& p, sc_core::sc_time&) {
    const std::uint64_t at = p.get_address() - kBase;
    if (at + p.get_data_length() > bytes.size()) return p.set_response_status(tlm::TLM_ADDRESS_ERROR_RESPONSE);
    if (p.is_read())
      std::memcpy(p.get_data_ptr(), &bytes[at], p.get_data_length());
    else
      std::memcpy(&bytes[at], p.get_data_ptr(), p.get_data_length());
    p.set_response_status(tlm::TLM_OK_RESPONSE);
  }
};

struct Processor : sc_core::sc_module {
  tlm_utils::simple_initiator_socket<Processor> socket{"socket"};
  sc_core::sc_in<bool> interrupt{"interrupt"};
  std::uint64_t cycles = 0;
  std::uint32_t id = 0, wild_status = 0;
  sc_core::sc_time took;
  tlm::tlm_response_status wide = tlm::TLM_OK_RESPONSE;

  explicit Processor(const sc_core::sc_module_name& name) : sc_core::sc_module(name) {
    SC_HAS_PROCESS(Processor);
    SC_THREAD(program);
  }
  tlm::tlm_response_status access(tlm::tlm_command command, std::uint32_t offset, std::uint32_t& value, unsigned length = 4) {
    unsigned char data[8] = {};
    std::memcpy(data, &value, 4);
    tlm::tlm_generic_payload p;
    p.set_command(command);
    p.set_address(offset);
    p.set_data_ptr(data);
    p.set_data_length(length);
    p.set_streaming_width(length);
    sc_core::sc_time delay = sc_core::SC_ZERO_TIME;
    socket->b_transport(p, delay);
    wait(delay);
    std::memcpy(&value, data, 4);
    return p.get_response_status();
  }
  void write(std::uint32_t offset, std::uint32_t value) { access(tlm::TLM_WRITE_COMMAND, offset, value); }
  std::uint32_t read(std::uint32_t offset) {
    std::uint32_t value = 0;
    access(tlm::TLM_READ_COMMAND, offset, value);
    return value;
  }
  void run(std::uint32_t mode) {
    write(spec::kRegCmdCount, mode);
    write(spec::kRegApCtrl, 1);
    wait(interrupt.posedge_event());
    write(spec::kRegIsr, 1);
  }
  void program() {
    id = read(spec::kRegId);
    std::uint32_t value = 0;
    wide = access(tlm::TLM_READ_COMMAND, spec::kRegId, value, 8);
    write(spec::kRegGie, 1);
    write(spec::kRegIer, 1);
    for (std::uint32_t p = 0; p < 4; ++p) write(spec::kRegWeights0 + 8 * p, static_cast<std::uint32_t>(kBase) + p * kUnits * 4);
    write(spec::kRegIo, static_cast<std::uint32_t>(kBase + kOut));
    write(spec::kRegWeightsUnits, kUnits);
    const sc_core::sc_time start = sc_core::sc_time_stamp();
    run(1);
    took = sc_core::sc_time_stamp() - start;
    cycles = read(spec::kRegCycles);
    write(spec::kRegIo, static_cast<std::uint32_t>(kBase + kOut + kUnits * 16));
    run(5);  // reads from address 0, where this platform has no memory
    wild_status = read(spec::kRegStatus);
    sc_core::sc_stop();
  }
};

}  // namespace

TEST_CASE("SystemC: a platform starts the kernel, gets its interrupt and finds the data in its own memory") {
  const sc_core::sc_time period(10.0 / 3.0, sc_core::SC_NS);
  sim::SquatSc squat("squat", period);
  Ram ram("ram");
  Processor processor("processor");
  sc_core::sc_signal<bool> interrupt("interrupt");
  processor.socket.bind(squat.registers);
  squat.memory.bind(ram.socket);
  squat.interrupt(interrupt);
  processor.interrupt(interrupt);
  for (std::size_t i = 0; i < kUnits * 16; ++i) ram.bytes[i] = static_cast<unsigned char>(i * 7 + i / 256);
  sc_core::sc_start(sc_core::sc_time(10, sc_core::SC_MS));

  CHECK(processor.id == spec::kId);
  CHECK(processor.wide == tlm::TLM_BURST_ERROR_RESPONSE);
  CHECK(std::memcmp(&ram.bytes[kOut], ram.bytes.data(), kUnits * 16) == 0);
  CHECK(processor.cycles > kUnits);
  // Time on the platform is the time of the cycles, to within a slice and the register accesses.
  const double counted = processor.took / period;
  CHECK(counted >= static_cast<double>(processor.cycles));
  CHECK(counted <= static_cast<double>(processor.cycles) + sim::SquatSc::kSlice + 100);
  CHECK(processor.wild_status == (spec::kErrorAxiRead << 8 | 2U));
}
