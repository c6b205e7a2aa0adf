// SPDX-License-Identifier: Apache-2.0
// The accelerator itself behind both transports: identity, errors it must report, and cycle counts. Whole forward passes are
// compared elsewhere.
#include <cstring>

#include "host/backends/xrt/open_transport.hpp"
#include "host/backends/xrt/run_control.hpp"
#include "hw/gen/squat_spec.hpp"
#include "sim/direct_transport.hpp"
#include "sim/kernel_model.hpp"
#include "tests/catch.hpp"

using namespace squat;
using backends::Argument;
using backends::TransportKind;

namespace {

constexpr std::uint32_t kIoUnits = 128, kWeightUnits = 256;

struct Accelerator {
  Accelerator(TransportKind kind, const backends::SimulationOptions& simulation) {
    backends::TransportOptions options;
    options.simulation = simulation;
    options.direct = sim::open_direct_transport;
    transport = backends::open_transport(kind, options);
    commands = transport->allocate(Argument::kCmd, 4096);
    weights = transport->allocate(Argument::kWeights0, kWeightUnits * 16);
    io = transport->allocate(Argument::kIo, kIoUnits * 16);
    std::memset(commands->host(), 0, commands->size());
    std::memset(io->host(), 0, io->size());
    commands->to_device(0, commands->size());
    io->to_device(0, io->size());
    transport->set_argument(Argument::kCmd, *commands);
    for (const Argument w : {Argument::kWeights0, Argument::kWeights1, Argument::kWeights2, Argument::kWeights3})
      transport->set_argument(w, *weights);
    transport->set_argument(Argument::kKv, *weights);
    transport->set_argument(Argument::kIo, *io);
    transport->set_argument(Argument::kWeightsUnits, kWeightUnits);
    transport->set_argument(Argument::kKvUnits, kWeightUnits);
    transport->set_argument(Argument::kIoUnits, kIoUnits);
    transport->set_argument(Argument::kProfile, 0U);
    transport->set_argument(Argument::kWatchdog, 100U);
  }

  /// First error code of a run over `count` command records of zeros.
  std::uint32_t run(std::uint32_t count) {
    transport->set_argument(Argument::kCmdCount, count);
    backends::run_to_end(*transport, 1000);
    const std::uint32_t status = transport->read_register(spec::kRegStatus);
    CHECK((status & 3) == 2);  // not busy, failed
    io->from_device(0, io->size());
    std::uint32_t block = 0;
    std::memcpy(&block, io->host() + io->size() - 1024, sizeof block);
    CHECK(block == status);
    return status >> 8 & 0xff;
  }
  std::uint64_t cycles() { return backends::read_register64(*transport, spec::kRegCycles); }

  std::unique_ptr<backends::Transport> transport;
  std::unique_ptr<backends::DeviceBuffer> commands, weights, io;
};

std::vector<TransportKind> kinds() {
  std::vector<TransportKind> all = {TransportKind::kSimDirect};
  if (backends::best_simulation(backends::default_root()) == TransportKind::kSimXrt) all.push_back(TransportKind::kSimXrt);
  return all;
}

}  // namespace

TEST_CASE("accelerator: reports the array it was built with") {
  for (const TransportKind kind : kinds()) {
    Accelerator a(kind, {});
    const std::uint32_t caps = a.transport->read_register(spec::kRegCaps);
    CHECK((caps & 0xff) == spec::kSimRows);
    CHECK((caps >> 8 & 0xff) == spec::kSimColumns);
    CHECK(a.transport->read_register(spec::kRegCapsAsram) == spec::kSimAsramDepth);
    backends::SimulationOptions wider;
    wider.config = "kv260";
    Accelerator b(kind, wider);
    CHECK(b.transport->read_register(spec::kRegCaps) == (caps & ~0xff00U | spec::kKv260Columns << 8));
    CHECK(b.transport->read_register(spec::kRegCapsRing) == spec::kKv260RingDepth);
  }
}

TEST_CASE("accelerator: errors are reported in register and status block, with the same cycles on every transport") {
  backends::SimulationOptions options;
  options.stall_seed = GENERATE(0U, 5U);
  std::vector<std::uint64_t> cycles;
  for (const TransportKind kind : kinds()) {
    Accelerator a(kind, options);
    std::vector<std::uint64_t> these;
    CHECK(a.run(65536) == spec::kErrorBadParameter);
    these.push_back(a.cycles());
    CHECK(a.run(1) == spec::kErrorBadCrc);
    these.push_back(a.cycles());
    CHECK(a.transport->read_register(spec::kRegErrorIndex) == 0);
    CHECK(a.run(65536) == spec::kErrorBadParameter);
    CHECK(a.cycles() == these[0]);
    if (cycles.empty()) cycles = these;
    CHECK(these == cycles);
  }
}

TEST_CASE("accelerator: an error response to the command fetch stops the run") {
  backends::SimulationOptions options;
  options.fault.read_burst = 1;
  for (const TransportKind kind : kinds()) {
    Accelerator a(kind, options);
    CHECK(a.run(1) == spec::kErrorAxiRead);
    CHECK(a.run(1) == spec::kErrorAxiRead);  // burst numbers start anew with every run
  }
}

TEST_CASE("accelerator: behind 512-bit ports bases of weights and cache lie on 64 bytes") {
  backends::SimulationOptions options;
  options.config = "alveo";
  sim::KernelModel model(sim::make_kernel_core(options.config), options);
  constexpr std::uint64_t kBase = 0x10000;
  model.memory().add_bank(kBase, 0x10000);
  CHECK((model.read_register(spec::kRegCaps) >> 20 & 0xf) == 6);
  CHECK((model.read_register(spec::kRegCaps) >> 8 & 0xff) == spec::kAlveoColumns);
  const auto run = [&model](std::uint32_t moved, std::uint64_t by) {
    for (const std::uint32_t base : {spec::kRegCmdAddr, spec::kRegWeights0, spec::kRegWeights1, spec::kRegWeights2,
                                     spec::kRegWeights3, spec::kRegKv, spec::kRegIo}) {
      model.write_register(base, static_cast<std::uint32_t>(kBase + (base == moved ? by : 0)));
      model.write_register(base + 4, 0);
    }
    model.write_register(spec::kRegCmdCount, 0);
    model.write_register(spec::kRegProfile, 0);
    model.write_register(spec::kRegWeightsUnits, 256);
    model.write_register(spec::kRegKvUnits, 256);
    model.write_register(spec::kRegIoUnits, 128);
    model.write_register(spec::kRegWatchdog, 100);
    model.start();
    REQUIRE(model.advance(100'000) == sim::RunProgress::kDone);
    return model.read_register(spec::kRegStatus);
  };
  constexpr std::uint32_t kRefused = 2 | spec::kErrorBadAddress << 8;
  CHECK(run(0, 0) == 0);
  for (const std::uint32_t base :
       {spec::kRegWeights0, spec::kRegWeights1, spec::kRegWeights2, spec::kRegWeights3, spec::kRegKv}) {
    for (const std::uint64_t by : {16U, 32U, 48U}) CHECK(run(base, by) == kRefused);
    CHECK(run(base, 64) == 0);
  }
  // The pass buffer is read and written through port 0.
  CHECK(run(spec::kRegIo, 16) == 0);
  CHECK(run(spec::kRegIo, 8) == kRefused);
}
