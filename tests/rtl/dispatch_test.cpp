// SPDX-License-Identifier: Apache-2.0
// Command fetch and dispatch with units played by the test: order, waits, run-ahead, bad records, stop.
#include <cstdint>
#include <cstring>
#include <deque>
#include <random>
#include <vector>

#include "Vsquat_dispatch_bench.h"
#include "tests/catch.hpp"
#include "tests/rtl/axi_memory.hpp"
#include "tests/rtl/commands.hpp"

namespace {
using namespace squat;
using namespace squat::test;

constexpr std::uint64_t kBase = 0x4'0000'0fc0;  // records reach across a 4 KiB boundary at once
constexpr std::uint32_t kOpcodes[4][4] = {{spec::kOpLoad, spec::kOpLoad, spec::kOpLoad, spec::kOpLoad},
                                          {spec::kOpGemm, spec::kOpGemm, spec::kOpGemm, spec::kOpGemm},
                                          {spec::kOpNorm, spec::kOpSoftmax, spec::kOpTclm, spec::kOpRopeTable},
                                          {spec::kOpLoadResidual, spec::kOpLoadParams, spec::kOpAppendK, spec::kOpAppendV}};

struct Bench {
  AxiMemory memory;
  std::uint8_t* bytes = memory.add(kBase, 64 * 5000);
  AxiReadPort reads;
  Vsquat_dispatch_bench dut;
  std::mt19937 random;
  std::vector<Command> program;
  std::vector<std::uint32_t> indices[4];  // of the unit's commands, in order
  std::size_t started[4] = {};
  unsigned finished[4] = {};
  std::deque<unsigned> running[4];  // cycles left
  unsigned longest = 30, bad = 0, bad_index = 0, bad_code = 0, pause = 60;

  Bench(unsigned seed, Stalls stalls) : reads(memory, seed, stalls), random(seed + 1) {
    dut.rst_ni = 0, dut.go_i = 0, dut.stop_i = 0, dut.cmd_ready_i = 0, dut.done_i = 0;
    dut.record_ready_i = 15;
    for (int i = 0; i < 3; ++i) clock();
    dut.rst_ni = 1;
  }
  void add(const Command& c, unsigned unit) {
    indices[unit].push_back(static_cast<std::uint32_t>(program.size()));
    program.push_back(c);
    program.back().words[15] = static_cast<std::uint32_t>(program.size() * 0x9e3779b9U);  // recognisable payload
    // word 15 carries no common field
  }
  /// Random units, waits that name only earlier commands: always runnable.
  void random_program(unsigned commands) {
    std::uint32_t seen[4] = {};
    for (unsigned i = 0; i < commands; ++i) {
      const unsigned unit = random() % 4;
      Command c(kOpcodes[unit][random() % 4], unit);
      const auto wait = [&](unsigned u) {
        return random() % 3 ? 0U : seen[u] - static_cast<std::uint32_t>(random() % (std::min(seen[u], 3U) + 1));
      };
      c.wait(wait(0), wait(1), wait(2), wait(3));
      add(c, unit);
      ++seen[unit];
    }
  }
  void start() {
    for (std::size_t i = 0; i < program.size(); ++i) {
      program[i] = program[i].sealed();
      std::memcpy(bytes + 64 * i, program[i].words.data(), 64);
    }
    dut.cmd_addr_i = kBase;
    dut.cmd_count_i = static_cast<std::uint16_t>(program.size());
    dut.go_i = 1;
    clock();
    dut.go_i = 0;
  }
  void clock() {
    dut.clk_i = 0;
    SQUAT_AXI_READ_IN(dut, m_, reads);
    unsigned ready = 0, done = 0;
    for (unsigned u = 0; u < 4; ++u) {
      if ((random() & 255) >= pause && running[u].size() < 6) ready |= 1U << u;
      for (unsigned& left : running[u]) left -= left > 0;
      if (!running[u].empty() && running[u].front() == 0) {
        running[u].pop_front();
        done |= 1U << u;
      }
    }
    dut.cmd_ready_i = static_cast<std::uint8_t>(ready);
    dut.done_i = static_cast<std::uint8_t>(done);
    dut.eval();
    for (unsigned u = 0; u < 4 && dut.rst_ni; ++u) {
      // Right after a completion dispatch may name the command that just ended; before it, the oldest one inside.
      if (dut.run_valid_o >> u & 1) REQUIRE((dut.run_index_o >> 16 * u & 0xffff) == indices[u][finished[u]]);
      REQUIRE((dut.run_valid_o >> u & 1) == (started[u] > finished[u]));
      if (!(dut.cmd_valid_o & ready & 1U << u)) continue;
      REQUIRE((dut.record_ready_i >> u & 1) == 1);
      REQUIRE(started[u] < indices[u].size());
      REQUIRE((dut.cmd_index_o >> 16 * u & 0xffff) == indices[u][started[u]]);
      const Command& c = program[indices[u][started[u]]];
      for (unsigned w = 0; w < 16; ++w) REQUIRE(dut.cmd_o[16 * u + w] == c.words[w]);
      const std::uint32_t waits[4] = {c.words[1] & 0xffff, c.words[1] >> 16, c.words[2] & 0xffff, c.words[2] >> 16};
      for (unsigned v = 0; v < 4; ++v) REQUIRE(static_cast<std::int16_t>(finished[v] - waits[v]) >= 0);
      ++started[u];
      running[u].push_back(1 + static_cast<unsigned>(random() % longest));
    }
    for (unsigned u = 0; u < 4; ++u) finished[u] += done >> u & 1;
    if (dut.bad_valid_o) ++bad, bad_index = dut.bad_index_o, bad_code = dut.bad_code_o;
    SQUAT_AXI_READ_CLOCK(dut, m_, reads);
    dut.clk_i = 1;
    dut.eval();
  }
  std::size_t all_finished() const { return finished[0] + finished[1] + finished[2] + finished[3]; }
  void finish() {
    for (int i = 0; i < 2000000 && !dut.complete_o; ++i) {
      clock();
      if (dut.complete_o) REQUIRE(all_finished() == program.size());
    }
    REQUIRE(dut.complete_o);
    REQUIRE(bad == 0);
  }
};
}  // namespace

TEST_CASE("commands reach their units in order and not before their waits") {
  const Stalls modes[] = {{0, 0, 0, 3, false}, {100, 100, 0, 30, false}, {0, 220, 0, 100, false}};
  for (unsigned seed = 0; seed < 30; ++seed) {
    Bench b(seed, modes[seed % 3]);
    b.longest = seed % 2 ? 3 : 60;
    b.random_program(seed == 0 ? 1 : 20 + seed * 20);
    b.start();
    b.finish();
    REQUIRE(b.reads.beats() == 4 * b.program.size());
  }
}

TEST_CASE("an empty program completes") {
  Bench b(1, {});
  b.start();
  b.finish();
  REQUIRE(b.reads.beats() == 0);
}

TEST_CASE("wait counters compare modulo 2^16") {
  Bench b(2, {0, 0, 0, 3, false});
  b.longest = 1;
  b.pause = 0;
  // 3000 commands of one unit; a wait of 2^16 - 5 lies behind (-5), so it is met at once; 2999 only at the end.
  for (unsigned i = 0; i < 3000; ++i) b.add(Command(spec::kOpNorm, spec::kUnitVec), spec::kUnitVec);
  b.add(Command(spec::kOpLoad, spec::kUnitLoad).wait(0, 0, 0xfffb, 0), spec::kUnitLoad);
  b.add(Command(spec::kOpGemm, spec::kUnitGemm).wait(1, 0, 2999, 0), spec::kUnitGemm);
  b.start();
  b.finish();
}

TEST_CASE("a unit that waits does not hold up the others") {
  Bench b(3, {0, 0, 0, 3, false});
  b.pause = 0;
  b.add(Command(spec::kOpGemm, spec::kUnitGemm).wait(0, 0, 5, 0), spec::kUnitGemm);
  for (int i = 0; i < 5; ++i) b.add(Command(spec::kOpNorm, spec::kUnitVec), spec::kUnitVec);
  b.start();
  b.finish();
}

TEST_CASE("a unit without room for a profile record is held back, the others run on") {
  Bench b(4, {0, 0, 0, 3, false});
  b.pause = 0;
  for (int i = 0; i < 6; ++i) {
    b.add(Command(spec::kOpNorm, spec::kUnitVec), spec::kUnitVec);
    b.add(Command(spec::kOpLoadParams, spec::kUnitIo), spec::kUnitIo);
  }
  b.dut.record_ready_i = 15 & ~(1 << spec::kUnitVec);
  b.start();
  for (int i = 0; i < 500; ++i) b.clock();
  REQUIRE(b.started[spec::kUnitVec] == 0);
  REQUIRE(b.finished[spec::kUnitIo] == 6);
  REQUIRE(!b.dut.complete_o);
  b.dut.record_ready_i = 15;
  b.finish();
}

TEST_CASE("unknown opcodes and foreign units are refused with their index") {
  const std::pair<std::uint32_t, std::uint32_t> records[] = {
      {0, 0}, {3, 0}, {255, 2}, {spec::kOpLoad, 1}, {spec::kOpGemm, 3}, {spec::kOpTclm, 3}, {spec::kOpAppendK, 0}};
  unsigned seed = 0;
  for (const auto& [opcode, unit] : records) {
    Bench b(40 + seed++, {30, 30, 0, 10, false});
    b.random_program(30);
    b.program[17].set(spec::kCmdOpcode, opcode).set(spec::kCmdUnit, unit);
    b.start();
    for (int i = 0; i < 5000; ++i) b.clock();
    REQUIRE(b.bad == 1);
    REQUIRE(b.bad_index == 17);
    REQUIRE(b.bad_code == spec::kErrorBadCommand);
    REQUIRE(!b.dut.complete_o);
    REQUIRE(b.started[0] + b.started[1] + b.started[2] + b.started[3] <= 17);
  }
}

TEST_CASE("a record with any single bit flipped is refused, and nothing from it on is started") {
  for (unsigned bit = 0; bit < 512; ++bit) {
    INFO("bit " << bit);
    Bench b(300 + bit, {30, 30, 0, 10, false});
    b.longest = 3;
    b.random_program(12);
    const unsigned at = bit % 12;
    b.start();
    std::uint8_t& byte = b.bytes[64 * at + bit / 8];
    byte = static_cast<std::uint8_t>(byte ^ 1U << bit % 8);
    for (int i = 0; i < 600; ++i) b.clock();
    REQUIRE(b.bad == 1);
    REQUIRE(b.bad_index == at);
    REQUIRE(b.bad_code == spec::kErrorBadCrc);
    REQUIRE(!b.dut.complete_o);
    REQUIRE(b.started[0] + b.started[1] + b.started[2] + b.started[3] <= at);
  }
}

TEST_CASE("stop ends issuing, and a reset makes a new run possible") {
  Bench b(9, {30, 30, 0, 10, false});
  b.random_program(300);
  b.start();
  for (int i = 0; i < 300; ++i) b.clock();
  b.dut.stop_i = 1;
  b.clock();
  const std::size_t before = b.started[0] + b.started[1] + b.started[2] + b.started[3];
  for (int i = 0; i < 1000; ++i) b.clock();
  REQUIRE(b.started[0] + b.started[1] + b.started[2] + b.started[3] == before);
  REQUIRE(b.reads.waiting() == 0);
  b.dut.rst_ni = 0;
  b.dut.stop_i = 0;
  b.clock();
  b.dut.rst_ni = 1;
  for (unsigned u = 0; u < 4; ++u) b.started[u] = b.finished[u] = 0, b.running[u].clear();
  b.start();
  b.finish();
}

TEST_CASE("a failing read of the records is reported") {
  Bench b(10, {0, 0, 0, 3, false});
  b.random_program(10);
  b.memory.fault(kBase + 64 * 5, kBase + 64 * 5 + 16);
  b.start();
  unsigned errors = 0;
  for (int i = 0; i < 300; ++i) {
    b.clock();
    errors += b.dut.rd_err_o & 1;
  }
  REQUIRE(errors > 0);
}
