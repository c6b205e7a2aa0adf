// SPDX-License-Identifier: Apache-2.0
// The clock loop around the stand-in kernel.
#include "sim/kernel_model.hpp"

#include <cstring>
#include <numeric>

#include "host/model/error.hpp"
#include "hw/gen/squat_spec.hpp"
#include "tests/catch.hpp"

using namespace squat;
using sim::KernelModel;
using sim::RunProgress;

namespace {

constexpr std::uint64_t kBase = 0x800000000ULL, kOut = kBase + 0x100000;
constexpr std::uint32_t kUnits = 4096;

struct Device {
  explicit Device(const backends::SimulationOptions& options = {}) : model(sim::make_kernel_core(), options) {
    model.memory().add_bank(kBase, 1 << 24);
    auto* words = reinterpret_cast<std::uint32_t*>(model.memory().find(kBase, kUnits * 16));
    std::iota(words, words + kUnits * 4, 1U);
  }
  void write64(std::uint32_t reg, std::uint64_t value) {
    model.write_register(reg, static_cast<std::uint32_t>(value));
    model.write_register(reg + 4, static_cast<std::uint32_t>(value >> 32));
  }
  void start(std::uint32_t mode, std::uint32_t units = kUnits) {
    for (std::uint32_t p = 0; p < 4; ++p) write64(spec::kRegWeights0 + 8 * p, kBase + std::uint64_t{p} * units * 4);
    write64(spec::kRegCmdAddr, kBase);
    write64(spec::kRegIo, kOut);
    model.write_register(spec::kRegKvUnits, 4);
    model.write_register(spec::kRegWeightsUnits, units);
    model.write_register(spec::kRegCmdCount, mode);
    model.start();
  }
  std::byte* out(std::uint64_t bytes) { return model.memory().find(kOut, bytes); }
  KernelModel model;
};

}  // namespace

TEST_CASE("kernel model: identity registers") {
  Device d;
  CHECK(d.model.read_register(spec::kRegId) == spec::kId);
  CHECK(d.model.read_register64(spec::kRegSpecHash) == spec::kSpecHash);
  CHECK(d.model.progress() == RunProgress::kIdle);
}

TEST_CASE("kernel model: copies, counts the same cycles as the RTL, several runs one after the other") {
  backends::SimulationOptions o;
  o.stall_seed = GENERATE(0U, 1U, 99U);
  Device d(o);
  std::uint64_t first = 0;
  for (int run = 0; run < 3; ++run) {
    std::memset(d.out(kUnits * 16), 0, kUnits * 16);
    d.start(1);
    CHECK(d.model.advance(100) == RunProgress::kRunning);
    CHECK(d.model.read_register(spec::kRegApCtrl) == 1);  // reading registers does not disturb a run
    REQUIRE(d.model.advance(1000000) == RunProgress::kDone);
    CHECK(std::memcmp(d.out(kUnits * 16), d.model.memory().find(kBase, kUnits * 16), kUnits * 16) == 0);
    CHECK(d.model.run_cycles() == d.model.read_register64(spec::kRegCycles));
    CHECK(d.model.ddr().idle());
    CHECK(d.model.ddr().read_beats() == kUnits + 4);
    CHECK(d.model.ddr().write_beats() == kUnits);
    if (run == 0) first = d.model.run_cycles();
    CHECK(d.model.run_cycles() == first);
    CHECK(d.model.read_register(spec::kRegApCtrl) == 0xe);
  }
}

TEST_CASE("kernel model: streaming is bound by 64 bytes per cycle and the refresh") {
  Device d;
  d.start(2, 400000);
  REQUIRE(d.model.advance(1000000) == RunProgress::kDone);
  const std::uint64_t least = 100000 + 100000 / 2235 * 105;
  CHECK(d.model.run_cycles() > least);
  CHECK(d.model.run_cycles() < least + 200);
}

TEST_CASE("kernel model: a broken AXI rule fails the run, and the next run works") {
  backends::SimulationOptions o;
  o.stall_seed = 3;
  Device d(o);
  d.start(4);
  REQUIRE(d.model.advance(1000000) == RunProgress::kFailed);
  CHECK_THAT(d.model.error(), Catch::Matchers::Contains("m_axi_gmem2") && Catch::Matchers::Contains("AXI rule 1 "));
  d.start(1);
  REQUIRE(d.model.advance(1000000) == RunProgress::kDone);
  CHECK(std::memcmp(d.out(kUnits * 16), d.model.memory().find(kBase, kUnits * 16), kUnits * 16) == 0);
}

TEST_CASE("kernel model: an access outside the memory fails the run") {
  Device d;
  d.start(1);
  d.model.advance(1000000);
  d.write64(spec::kRegWeights3, 0x1000);
  d.model.start();
  REQUIRE(d.model.advance(1000000) == RunProgress::kFailed);
  CHECK_THAT(d.model.error(),
             Catch::Matchers::Contains("m_axi_gmem4") && Catch::Matchers::Contains("outside the device memory"));
}

TEST_CASE("kernel model: an error response reaches the kernel") {
  backends::SimulationOptions o;
  const bool write = GENERATE(false, true);
  (write ? o.fault.write_burst : o.fault.read_burst) = 5;
  Device d(o);
  d.start(1);
  REQUIRE(d.model.advance(1000000) == RunProgress::kDone);
  CHECK(d.model.read_register(spec::kRegStatus) == ((write ? spec::kErrorAxiWrite : spec::kErrorAxiRead) << 8 | 2U));
}

TEST_CASE("kernel model: a run that never ends stops at the cycle limit") {
  backends::SimulationOptions o;
  o.cycle_limit = 50000;
  Device d(o);
  d.start(3);
  RunProgress p = RunProgress::kRunning;
  while (p == RunProgress::kRunning) p = d.model.advance(4096);
  CHECK(p == RunProgress::kLimit);
  CHECK(d.model.run_cycles() >= 50000);
  CHECK(d.model.run_cycles() < 50000 + 4096);
  d.start(1);
  CHECK(d.model.advance(49000) == RunProgress::kDone);
}
