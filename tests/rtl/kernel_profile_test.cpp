// SPDX-License-Identifier: Apache-2.0
// Profile records of whole runs: complete, in order, equal to the counters in sum, and without any influence.
#include <algorithm>
#include <array>

#include "tests/rtl/kernel_bench.hpp"

using namespace squat;
using namespace squat::test;

namespace {

constexpr std::uint32_t kArea = 0x400;  ///< first unit of the records
constexpr std::uint32_t kTokens = 3, kLogits = 64;

/// A load and the product that consumes it: `tiles` tiles of 4 * words columns (4-bit weights).
std::vector<Command> product(std::uint32_t words, std::uint32_t tiles, std::uint32_t post) {
  return {Command(spec::kOpLoad, spec::kUnitLoad)
              .set(spec::kLoadOffset, 5)
              .set(spec::kLoadBankStride, tiles * words)
              .set(spec::kLoadTileStride, words)
              .set(spec::kLoadWords, words)
              .set(spec::kLoadTiles, tiles),
          Command(spec::kOpGemm, spec::kUnitGemm)
              .set(spec::kGemmPost, post)
              .set(spec::kGemmTokens, kTokens)
              .set(spec::kGemmK, 4 * words)
              .set(spec::kGemmKs, words)
              .set(spec::kGemmTiles, tiles)
              .set(spec::kGemmAStride, 64)
              .set(spec::kGemmOBase, 4000)
              .set(spec::kGemmOStride, 2 * tiles)
              .set(spec::kGemmDst, kLogits)
              .set(spec::kGemmDstStride, 8 * tiles)};
}

Command rows() {
  return Command(spec::kOpLoadResidual, spec::kUnitIo)
      .set(spec::kLoadResidualTokens, 20)
      .set(spec::kLoadResidualWords, 4)
      .set(spec::kLoadResidualXBase, 100)
      .set(spec::kLoadResidualXStride, 9)
      .set(spec::kLoadResidualM0, 0x14000)
      .set(spec::kLoadResidualS0, 3);
}

Command values() {
  return Command(spec::kOpAppendV, spec::kUnitIo)
      .set(spec::kAppendVTokens, 20)
      .set(spec::kAppendVFirstPosition, 37)
      .set(spec::kAppendVKvHeads, 1)
      .set(spec::kAppendVXBase, 100)
      .set(spec::kAppendVXStride, 9)
      .set(spec::kAppendVLog2HeadDim, 6)
      .set(spec::kAppendVM0, 0x18000)
      .set(spec::kAppendVS0, 19)
      .set(spec::kAppendVDst, 7)
      .set(spec::kAppendVTileStride, 200);
}

/// Every unit, several commands of each inside at a time, logits last.
std::vector<Command> everything() {
  std::vector<Command> program = {tclm(1, 0, 20, 3), rows(), tclm(0, 1, 20, 5), values().wait(0, 0, 1, 1), params(), params(8)};
  for (const std::uint32_t words : {16U, 32U, 16U, 64U}) {
    const std::vector<Command> part = product(words, 3 + words / 16, words == 64 ? spec::kPostLogits : spec::kPostRaw);
    program.insert(program.end(), part.begin(), part.end());
  }
  program.push_back(tclm(1, 0, 7, 4).wait(4, 4, 0, 0));
  return program;
}

spec::Record record(const Kernel& k, std::size_t index) {
  spec::Record r;
  std::memcpy(r.data(), k.io + (kArea + 4 * index) * 16, 64);
  return r;
}

std::vector<std::uint8_t> run_profiled(Kernel& k, const std::vector<Command>& program) {
  std::memset(k.io + kArea * 16, 0xee, (kStatusUnit - kArea) * 16);
  k.write(spec::kRegProfile, kArea);
  REQUIRE(k.run(program) == 0);
  return {k.io + kArea * 16, k.io + (kArea + 4 * program.size()) * 16};
}

/// What a record must say of itself and beside the others, whatever the memory did.
void check_records(Kernel& k, const std::vector<Command>& program) {
  const std::uint64_t cycles = k.read64(spec::kRegCycles);
  std::array<std::vector<spec::Record>, 4> of_unit;
  std::array<std::uint64_t, 16> sums{};
  for (std::size_t i = 0; i < program.size(); ++i) {
    const spec::Record r = record(k, i);
    INFO("command " << i);
    const std::uint32_t unit = program[i].words[0] >> spec::kCmdUnit.lsb & spec::field_max(spec::kCmdUnit);
    REQUIRE(r[0] == i);
    REQUIRE(r[1] == ((program[i].words[0] & spec::field_max(spec::kCmdOpcode)) | unit << 8));
    const std::uint32_t start = r[2], end = r[3], busy = r[4];
    REQUIRE(start < end);
    REQUIRE(end <= cycles);
    REQUIRE(busy > 0);
    REQUIRE(busy <= end - start);
    for (unsigned w = 13; w < 16; ++w) REQUIRE(r[w] == 0);
    if (unit == spec::kUnitLoad || unit == spec::kUnitGemm) {
      REQUIRE(start < r[11]);
      REQUIRE(r[12] < end);
      REQUIRE(r[12] - r[11] + 1 >= busy);
    } else {
      REQUIRE((r[11] | r[12] | r[5] | r[6]) == 0);
    }
    // Not accepted before what it waits for was done.
    const std::uint32_t waits[4] = {program[i].words[1] & 0xffff, program[i].words[1] >> 16, program[i].words[2] & 0xffff,
                                    program[i].words[2] >> 16};
    for (unsigned u = 0; u < 4; ++u) {
      if (waits[u] > 0) REQUIRE(of_unit[u].at(waits[u] - 1)[3] < start);
    }
    if (!of_unit[unit].empty()) {
      REQUIRE(of_unit[unit].back()[2] < start);
      REQUIRE(of_unit[unit].back()[3] < end);
      if (unit == spec::kUnitGemm) REQUIRE(of_unit[unit].back()[12] < r[11]);
    }
    of_unit[unit].push_back(r);
    if (unit == spec::kUnitGemm) sums[4] += busy;
    for (unsigned w = 5; w < 11; ++w) sums[w] += r[w];
  }
  REQUIRE(sums[4] == k.read64(spec::kRegMacSteps));
  REQUIRE(sums[5] == k.read64(spec::kRegWeightStall));
  REQUIRE(sums[6] == k.read64(spec::kRegDrainStall));
  // The counters also see the fetch of the commands, and the records themselves: four beats a command each.
  REQUIRE(sums[7] + 4 * program.size() == k.read64(spec::kRegReadBeats));
  REQUIRE(sums[8] + 4 * program.size() == k.read64(spec::kRegWriteBeats));
  REQUIRE(sums[9] == k.read64(spec::kRegEightTokens));
  REQUIRE(sums[10] == k.read64(spec::kRegFourTokens));
}

}  // namespace

TEST_CASE("records are complete and add up to the counters") {
  for (unsigned mode = 0; mode < 2; ++mode) {
    Kernel k(40 + mode, kModes[mode]);
    const std::vector<Command> program = everything();
    run_profiled(k, program);
    check_records(k, program);
    k.check_block();
    // Counts that follow from the fields of the commands alone.
    REQUIRE(record(k, 0)[9] == 20);
    REQUIRE(record(k, 2)[10] == 20);
    REQUIRE(record(k, 1)[7] == 20 * 4);  // rows of 4 words of 16 bytes
    REQUIRE(record(k, 3)[8] == 20 * 4);
    REQUIRE(record(k, 4)[7] == 64 / 4);
    std::size_t at = 6;
    for (const std::uint32_t words : {16U, 32U, 16U, 64U}) {
      const std::uint32_t tiles = 3 + words / 16;
      REQUIRE(record(k, at)[4] == words * tiles);
      REQUIRE(record(k, at)[7] == 4 * words * tiles);
      REQUIRE(record(k, at + 1)[4] == 4 * words * tiles);  // one group: a step per column of a tile
      REQUIRE(record(k, at + 1)[8] == (words == 64 ? kTokens * tiles * 8 : 0));
      at += 2;
    }
    // Behind the last record nothing was written.
    for (std::size_t byte = (kArea + 4 * program.size()) * 16; byte < kStatusUnit * 16; ++byte) REQUIRE(k.io[byte] == 0xee);
  }
}

TEST_CASE("busy cycles of vec and io do not depend on the memory's mood") {
  std::array<std::vector<std::uint32_t>, 2> busy;
  for (unsigned mode = 0; mode < 2; ++mode) {
    Kernel k(50 + mode, kModes[mode]);
    // One after the other, so that no request of another unit is in the way.
    const std::vector<Command> program = {tclm(1, 0, 20, 3), rows().wait(0, 0, 1, 0), params().wait(0, 0, 1, 1),
                                          tclm(0, 1, 9, 5).wait(0, 0, 1, 2)};
    run_profiled(k, program);
    check_records(k, program);
    for (std::size_t i = 0; i < program.size(); ++i) busy[mode].push_back(record(k, i)[4]);
  }
  REQUIRE(busy[0] == busy[1]);
}

TEST_CASE("two runs give the same records, and no run without profile gives any") {
  for (unsigned mode = 0; mode < 2; ++mode) {
    const std::vector<Command> program = everything();
    Kernel a(60 + mode, kModes[mode]), b(60 + mode, kModes[mode]), off(60 + mode, kModes[mode]);
    const std::vector<std::uint8_t> records = run_profiled(a, program);
    REQUIRE(run_profiled(b, program) == records);
    // The memory of mode 0 is the same every time, so is a second run of one kernel.
    if (mode == 0) REQUIRE(run_profiled(a, program) == records);
    REQUIRE(off.run(program) == 0);
    REQUIRE(std::memcmp(off.kv, b.kv, kKvUnits * 16) == 0);
    REQUIRE(std::memcmp(off.io, b.io, kArea * 16) == 0);
    REQUIRE(off.read64(spec::kRegMacSteps) == b.read64(spec::kRegMacSteps));
    REQUIRE(off.read64(spec::kRegWriteBeats) + 4 * program.size() == b.read64(spec::kRegWriteBeats));
    REQUIRE(off.read64(spec::kRegCycles) <= b.read64(spec::kRegCycles));
    Kernel fresh(60 + mode, kModes[mode]);
    const std::size_t rest = (kStatusUnit - kArea) * 16;
    REQUIRE(std::memcmp(off.io + kArea * 16, fresh.io + kArea * 16, rest) == 0);
  }
}

TEST_CASE("many short commands lose no record, however slow the memory takes them") {
  for (unsigned mode = 0; mode < 2; ++mode) {
    Kernel k(70 + mode, kModes[mode]);
    std::vector<Command> program;
    for (std::uint32_t i = 0; i < 230; ++i) {
      if (i % 7 == 3) {
        program.push_back(params().set(spec::kLoadParamsCount, 4));
      } else {
        program.push_back(tclm(i % 2, i % 3 != 0, 1 + i % 3, i % 64));
      }
    }
    run_profiled(k, program);
    check_records(k, program);
    k.write(spec::kRegProfile, 0);
    k.check_alive();
  }
}

TEST_CASE("records must lie in the pass buffer before the status block") {
  Kernel k(80);
  const std::vector<Command> program(5, params());
  const std::uint32_t last = kStatusUnit - 4 * 5;
  for (const std::uint32_t unit : {last + 1, kStatusUnit, kIoUnits, 0xffffffffU, 0xfffffff0U}) {
    INFO("unit " << unit);
    k.clear_block();
    k.write(spec::kRegProfile, unit);
    REQUIRE(k.run(program) == failed(spec::kErrorBadAddress));
    REQUIRE(k.read(spec::kRegErrorIndex) == 0xffffffff);
    REQUIRE(k.read(spec::kRegCommandsDone) == 0);
    k.check_block();
  }
  k.write(spec::kRegProfile, last);
  REQUIRE(k.run(program) == 0);
  spec::Record r;
  std::memcpy(r.data(), k.io + (last + 16) * 16, 64);
  REQUIRE(r[0] == 4);
}

TEST_CASE("a memory that refuses records ends the run, and the next one works") {
  Kernel k(81);
  k.write(spec::kRegProfile, kArea);
  k.memory.fault(kIo + (kArea + 4) * 16, kIo + (kArea + 5) * 16);
  REQUIRE(k.run({params(), params(), params()}) == failed(spec::kErrorAxiWrite));
  REQUIRE(k.read(spec::kRegErrorIndex) == 0xffffffff);
  k.memory.fault(0, 0);
  // A write port that never answers: the units are held back, the watchdog ends it.
  k.write(spec::kRegWatchdog, 2);
  k.writes.stalls().dead = true;
  k.start(std::vector<Command>(40, params().set(spec::kLoadParamsCount, 4)));
  REQUIRE(k.finish(2 * 1024 + 4096 + 200) == failed(spec::kErrorWatchdog));
  REQUIRE(k.read(spec::kRegCommandsDone) < 40);
  k.writes.stalls().dead = false;
  k.write(spec::kRegProfile, 0);
  k.check_alive();
}
