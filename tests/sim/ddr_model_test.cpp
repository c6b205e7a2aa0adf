// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cstring>

#include "tests/catch.hpp"
#include "tests/sim/bus_driver.hpp"

using namespace squat::sim;
using squat::backends::SimulationOptions;

namespace {

SimulationOptions without_refresh() {
  SimulationOptions o;
  o.ddr.emplace().refresh_period = 0;
  return o;
}

/// `bursts` bursts of 64 beats from `base` on.
std::deque<BurstRequest> stream(std::uint64_t base, unsigned bursts) {
  std::deque<BurstRequest> out;
  for (unsigned i = 0; i < bursts; ++i) out.push_back({base + i * 1024ULL, 64});
  return out;
}

}  // namespace

TEST_CASE("ddr: the parameters are named in one line") {
  CHECK(squat::backends::description({}) ==
        "64 B/cycle, latency 60, refresh 105/2340, turnaround 8, writes in batches of 64 beats or after 1024");
}

TEST_CASE("ddr: the first data come 60 cycles after the address, then one beat per cycle") {
  Bus bus(1);
  bus.drivers[0].reads = {{Bus::kBase, 16}};
  for (int i = 0; i < 200; ++i) bus.cycle();
  const PortDriver& d = bus.drivers[0];
  REQUIRE(d.got.size() == 16);
  CHECK(d.first_data - d.first_request == 60);
  CHECK(d.last_data - d.first_data == 15);
  CHECK(!bus.log.failed());
}

TEST_CASE("ddr: four streaming ports get 64 bytes per cycle less the refresh") {
  const bool refresh = GENERATE(true, false);
  Bus bus(5, refresh ? SimulationOptions{} : without_refresh());
  for (unsigned p = 1; p < 5; ++p) bus.drivers[p].reads = stream(Bus::kBase + p * 0x100000ULL, 1000);
  const unsigned cycles = 23400;
  for (int i = 0; i < 200; ++i) bus.cycle();
  const std::uint64_t before = bus.ddr.read_beats();
  for (unsigned i = 0; i < cycles; ++i) bus.cycle();
  const std::uint64_t beats = bus.ddr.read_beats() - before;
  CHECK(beats == 4 * (cycles - (refresh ? 10U * 105U : 0U)));
  CHECK(!bus.log.failed());
}

TEST_CASE("ddr: a fifth stream shares the same four beats fairly") {
  Bus bus(5, without_refresh());
  for (unsigned p = 0; p < 5; ++p) bus.drivers[p].reads = stream(Bus::kBase + p * 0x100000ULL, 400);
  for (int i = 0; i < 10200; ++i) bus.cycle();
  CHECK(bus.ddr.read_beats() <= 4 * 10200);
  CHECK(bus.ddr.read_beats() >= 4 * 10100);
  for (const PortDriver& d : bus.drivers) CHECK(d.got.size() == Approx(8080).margin(80));
}

TEST_CASE("ddr: 64-byte beats take what the bus gives, and a narrow bus brings them in pieces") {
  SimulationOptions o = without_refresh();
  const unsigned bytes = GENERATE(16U, 32U, 48U, 64U, 160U, 256U, 1024U);
  o.ddr->bytes_per_cycle = bytes;
  Bus bus(5, o, 64);
  for (unsigned i = 0; i < (1U << 20); ++i) *bus.memory.find(Bus::kBase + i, 1) = static_cast<std::byte>(i * 7 + i / 251);
  for (unsigned p = 1; p < 5; ++p) {
    for (unsigned i = 0; i < 60; ++i)
      bus.drivers[p].reads.push_back({Bus::kBase + 0x40000ULL * (p - 1) + 4096 * i, 1 + (i * 13 + p) % 64});
  }
  const auto requests = bus.drivers[2].reads;
  std::uint64_t wanted = 0;
  for (unsigned p = 1; p < 5; ++p) {
    for (const auto& r : bus.drivers[p].reads) wanted += r.beats;
  }
  std::uint64_t all = 0;
  while (all < wanted) {
    bus.cycle();
    REQUIRE(bus.now < 200'000);
    all = 0;
    for (unsigned p = 1; p < 5; ++p) all += bus.drivers[p].got.size();
  }
  CHECK(!bus.log.failed());
  CHECK(bus.ddr.read_beats() == 4 * all);
  // As fast as the bus, at most a beat per port and cycle.
  const double cycles = static_cast<double>(bus.now);
  CHECK(cycles >= static_cast<double>(64 * all) / std::min(bytes, 256U));
  CHECK(cycles <= static_cast<double>(64 * all) / std::min(bytes, 256U) * 1.25 + 400);
  std::size_t at = 0;
  for (const auto& r : requests) {
    for (unsigned b = 0; b < r.beats; ++b, ++at) {
      REQUIRE(std::memcmp(bus.drivers[2].got.at(at).data(), bus.memory.find(r.addr + 64 * b, 64), 64) == 0);
    }
  }
}

TEST_CASE("ddr: reads and writes of one port keep their bytes, with and without stalls") {
  SimulationOptions o;
  o.stall_seed = GENERATE(0U, 1U, 2U, 12345U);
  Bus bus(2, o);
  bus.drivers[0].writes = stream(Bus::kBase, 8);
  while (!bus.drivers[0].finished(0, 8)) {
    bus.cycle();
    REQUIRE(bus.now < 20000);
  }
  bus.drivers[1].reads = stream(Bus::kBase, 8);
  while (!bus.drivers[1].finished(512, 0)) {
    bus.cycle();
    REQUIRE(bus.now < 40000);
  }
  for (std::uint32_t i = 0; i < 512; ++i) CHECK(bus.drivers[1].got[i][3] == 1 + 4 * i + 3);
  CHECK(bus.ddr.write_beats() == 512);
  CHECK(bus.ddr.idle());
  CHECK(!bus.log.failed());
}

TEST_CASE("ddr: the same seed gives the same cycles, another seed others") {
  const auto run = [](std::uint64_t seed) {
    SimulationOptions o;
    o.stall_seed = seed;
    Bus bus(2, o);
    bus.drivers[0].reads = stream(Bus::kBase, 4);
    bus.drivers[1].writes = stream(Bus::kBase + 0x10000, 4);
    while (!bus.drivers[0].finished(256, 0) || !bus.drivers[1].finished(0, 4)) bus.cycle();
    return bus.now;
  };
  CHECK(run(7) == run(7));
  CHECK(run(7) != run(8));
  CHECK(run(7) > run(0));
}

TEST_CASE("ddr: writes wait for readers, but not for ever, and cost a turnaround each way") {
  Bus bus(2, without_refresh());
  bus.drivers[0].reads = stream(Bus::kBase, 100);
  for (int i = 0; i < 100; ++i) bus.cycle();
  bus.drivers[1].writes = {{Bus::kBase + 0x10000, 4}};
  const std::uint64_t asked = bus.now;
  while (!bus.drivers[1].finished(0, 1)) bus.cycle();
  const std::uint64_t waited = bus.drivers[1].last_response - asked;
  CHECK(waited >= squat::backends::DdrParameters::kWriteAge);
  CHECK(waited <= squat::backends::DdrParameters::kWriteAge + 20);
  while (!bus.drivers[0].finished(6400, 0)) bus.cycle();
  // 6400 beats, one per cycle, and two turnarounds plus one cycle of writing.
  CHECK(bus.drivers[0].last_data - bus.drivers[0].first_data == 6399 + 2 * 8 + 1);
}

TEST_CASE("ddr: a steady writer does not starve a reader") {
  Bus bus(2, without_refresh());
  bus.drivers[0].writes = stream(Bus::kBase, 200);
  bus.drivers[1].reads = stream(Bus::kBase + 0x100000, 200);
  for (int i = 0; i < 4000; ++i) bus.cycle();
  CHECK(bus.ddr.write_beats() > 1500);
  CHECK(bus.drivers[1].got.size() > 1000);
}

TEST_CASE("ddr: byte strobes") {
  Bus bus(1);
  std::memset(bus.memory.find(Bus::kBase, 16), 0x55, 16);
  bus.drivers[0].strb = 0x00f0;
  bus.drivers[0].writes = {{Bus::kBase, 1}};
  while (!bus.drivers[0].finished(0, 1)) bus.cycle();
  std::uint32_t lanes[4];
  std::memcpy(lanes, bus.memory.find(Bus::kBase, 16), 16);
  CHECK(lanes[0] == 0x55555555);
  CHECK(lanes[1] == 2);
  CHECK(lanes[2] == 0x55555555);
}

TEST_CASE("ddr: an address outside the memory is answered with DECERR and reported") {
  Bus bus(1);
  bus.drivers[0].reads = {{Bus::kBase + Bus::kBytes, 2}};
  bus.drivers[0].writes = {{16, 1}};
  while (!bus.drivers[0].finished(2, 1)) bus.cycle();
  CHECK(bus.drivers[0].read_resp == std::vector<std::uint8_t>{kRespDecErr, kRespDecErr});
  CHECK(bus.drivers[0].write_resp == std::vector<std::uint8_t>{kRespDecErr});
  CHECK(bus.log.count() == 2);
  CHECK(bus.log.first().find("outside the device memory") != std::string::npos);
}

TEST_CASE("ddr: the n-th burst can be made to fail, and that is no error of the simulation") {
  SimulationOptions o;
  o.fault = {2, 1};
  Bus bus(1, o);
  bus.drivers[0].reads = {{Bus::kBase, 1}, {Bus::kBase, 1}, {Bus::kBase, 1}};
  bus.drivers[0].writes = {{Bus::kBase, 1}, {Bus::kBase + 16, 1}};
  while (!bus.drivers[0].finished(3, 2)) bus.cycle();
  CHECK(bus.drivers[0].read_resp == std::vector<std::uint8_t>{kRespOkay, kRespSlvErr, kRespOkay});
  CHECK(bus.drivers[0].write_resp == std::vector<std::uint8_t>{kRespSlvErr, kRespOkay});
  CHECK(!bus.log.failed());
}

TEST_CASE("sparse memory: banks") {
  SparseMemory memory;
  memory.add_bank(0x1000, 0x1000);
  memory.add_bank(0x800000000ULL, 1ULL << 32);
  CHECK(memory.find(0x1000, 0x1000) != nullptr);
  CHECK(memory.find(0x1001, 0x1000) == nullptr);
  CHECK(memory.find(0xfff, 1) == nullptr);
  CHECK(memory.find(0x2000, 1) == nullptr);
  CHECK(memory.find(~0ULL, 2) == nullptr);
  CHECK(*memory.find(0x8ffffffffULL, 1) == std::byte{0});
  CHECK_THROWS(memory.add_bank(0x1fff, 0x1000));
}
