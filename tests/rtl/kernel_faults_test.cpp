// SPDX-License-Identifier: Apache-2.0
// Every way a run of the whole kernel can fail, and that the next one works.
#include "tests/rtl/kernel_bench.hpp"

using namespace squat;
using namespace squat::test;

TEST_CASE("an unknown opcode fails the run with its index, and the next start works") {
  for (unsigned mode = 0; mode < 2; ++mode) {
    Kernel k(10 + mode, kModes[mode]);
    for (std::uint32_t index : {0U, 3U, 9U}) {
      std::vector<Command> program(10, params());
      program[index].set(spec::kCmdOpcode, 99);
      k.clear_block();
      REQUIRE(k.run(program) == failed(spec::kErrorBadCommand));
      REQUIRE(k.read(spec::kRegErrorIndex) == index);
      k.check_block();
      k.check_alive();
    }
  }
}

TEST_CASE("addresses beyond a buffer and bad fields fail with the command's index") {
  Kernel k(12);
  REQUIRE(k.run({params(), params(), params(kWeightUnits - 15)}) == failed(spec::kErrorBadAddress));
  REQUIRE(k.read(spec::kRegErrorIndex) == 2);
  k.check_alive();
  REQUIRE(k.run({params(), params().set(spec::kLoadParamsCount, 5)}) == failed(spec::kErrorBadParameter));
  REQUIRE(k.read(spec::kRegErrorIndex) == 1);
  k.check_alive();
  REQUIRE(k.run({Command(spec::kOpLoad, spec::kUnitLoad)
                     .set(spec::kLoadOffset, kWeightUnits - 10)
                     .set(spec::kLoadWords, 16)
                     .set(spec::kLoadTiles, 1)}) == failed(spec::kErrorBadAddress));
  REQUIRE(k.read(spec::kRegErrorIndex) == 0);
  k.check_alive();
}

TEST_CASE("error responses fail the run on every port") {
  for (unsigned mode = 0; mode < 2; ++mode) {
    Kernel k(14 + mode, kModes[mode]);
    k.memory.fault(kWeights + 64, kWeights + 80);
    REQUIRE(k.run({params(), params()}) == failed(spec::kErrorAxiRead));
    REQUIRE(k.read(spec::kRegErrorIndex) == 0);
    k.memory.fault(kCmd + 64, kCmd + 80);
    REQUIRE(k.run({params(), params()}) == failed(spec::kErrorAxiRead));
    REQUIRE(k.read(spec::kRegErrorIndex) == 0xffffffff);
    for (std::uint64_t p = 0; p < 4; ++p) {
      k.memory.fault(kWeights + 0x1'0000'0000 * p + 0x500, kWeights + 0x1'0000'0000 * p + 0x510);
      REQUIRE(k.run({Command(spec::kOpLoad, spec::kUnitLoad).set(spec::kLoadWords, 128).set(spec::kLoadTiles, 2)}) ==
              failed(spec::kErrorAxiRead));
      REQUIRE(k.read(spec::kRegErrorIndex) == 0);
    }
    k.memory.fault(0, 0);
    k.check_alive();
    k.memory.fault(kKv, kKv + 16);
    REQUIRE(k.run({params(), Command(spec::kOpAppendV, spec::kUnitIo)
                                 .set(spec::kAppendVTokens, 2)
                                 .set(spec::kAppendVKvHeads, 1)
                                 .set(spec::kAppendVLog2HeadDim, 5)
                                 .set(spec::kAppendVM0, 0x10000)
                                 .set(spec::kAppendVS0, 1)}) == failed(spec::kErrorAxiWrite));
    REQUIRE(k.read(spec::kRegErrorIndex) == 1);
    k.check_alive();
    k.memory.fault(kIo + kStatusUnit * 16, kIo + kStatusUnit * 16 + 16);  // the status block itself
    REQUIRE(k.run({params()}) == failed(spec::kErrorAxiWrite));
    k.memory.fault(0, 0);
    k.check_alive();
  }
}

TEST_CASE("the watchdog ends a run whose command can never start") {
  Kernel k(16);
  k.write(spec::kRegWatchdog, 3);
  k.clear_block();
  k.start({params(), never()});
  REQUIRE(k.finish(3 * 1024 + 300) == failed(spec::kErrorWatchdog));
  REQUIRE(k.done_after > 3 * 1024 - 10);
  REQUIRE(k.read(spec::kRegErrorIndex) == 0xffffffff);
  REQUIRE(k.read(spec::kRegCommandsDone) == 1);
  k.check_block();
  k.check_alive();
  k.write(spec::kRegWatchdog, 0);
  k.start({never()});
  for (int i = 0; i < 20000; ++i) k.clock();
  REQUIRE(k.read(spec::kRegApCtrl) == 1);  // no limit: still waiting
}

TEST_CASE("the watchdog needs no answer from any port") {
  // Bit p: read port p is dead; bit 5: the write port.
  for (unsigned dead : {0x3fU, 0x01U, 0x20U, 0x1eU, 0x04U}) {
    Kernel k(20 + dead);
    k.write(spec::kRegWatchdog, 2);
    const std::vector<Command> program = {
        Command(spec::kOpLoad, spec::kUnitLoad).set(spec::kLoadWords, 256).set(spec::kLoadTiles, 4), params(),
        Command(spec::kOpAppendV, spec::kUnitIo)
            .set(spec::kAppendVTokens, 128)
            .set(spec::kAppendVKvHeads, 1)
            .set(spec::kAppendVLog2HeadDim, 6)
            .set(spec::kAppendVM0, 0x10000)
            .set(spec::kAppendVS0, 1)
            .set(spec::kAppendVTileStride, 256),
        never()};
    for (int round = 0; round < 2; ++round) {
      k.start(program);
      for (int i = 0; i < 60 + round * 300; ++i) k.clock();  // some transactions are under way
      for (unsigned p = 0; p < 5; ++p) k.reads[p]->stalls().dead = dead >> p & 1;
      k.writes.stalls().dead = dead >> 5 & 1;
      REQUIRE(k.finish(2 * 1024 + 4096 + 200) == failed(spec::kErrorWatchdog));
      // The memory comes back, possibly with answers to the old run.
      for (auto& port : k.reads) port->stalls().dead = false;
      k.writes.stalls().dead = false;
      if (round == 0) {
        for (int i = 0; i < 300; ++i) k.clock();
      }
      k.check_alive();
    }
  }
}

TEST_CASE("arguments that cannot be used are refused before anything is read") {
  Kernel k(30);
  const auto refused = [&](std::uint32_t code) {
    const std::uint64_t before = k.reads[0]->beats();
    k.write(spec::kRegApCtrl, 1);
    REQUIRE(k.finish(6000) == failed(code));
    REQUIRE(k.read(spec::kRegErrorIndex) == 0xffffffff);
    REQUIRE(k.reads[0]->beats() == before);
  };
  k.write(spec::kRegCmdCount, 65536);
  refused(spec::kErrorBadParameter);
  k.write(spec::kRegCmdCount, 1);
  k.set64(spec::kRegCmdAddr, kCmd + 16);
  refused(spec::kErrorBadAddress);
  k.set64(spec::kRegCmdAddr, kCmd);
  k.set64(spec::kRegWeights2, 8);
  refused(spec::kErrorBadAddress);
  k.set64(spec::kRegWeights2, kWeights + 0x2'0000'0000);
  k.write(spec::kRegIoUnits, 63);
  const std::uint64_t written = k.writes.beats();
  refused(spec::kErrorBadAddress);
  REQUIRE(k.writes.beats() == written);
  k.write(spec::kRegIoUnits, kIoUnits);
  k.check_alive();
}

TEST_CASE("a reset in the middle of a run leaves an idle kernel") {
  Kernel k(31);
  k.start({params(), never()});
  for (int i = 0; i < 200; ++i) k.clock();
  k.dut.ap_rst_n = 0;
  for (int i = 0; i < 5; ++i) k.clock();
  REQUIRE(!k.dut.m_axi_gmem0_arvalid);
  REQUIRE(!k.dut.m_axi_gmem0_awvalid);
  REQUIRE(!k.dut.m_axi_gmem0_wvalid);
  k.dut.ap_rst_n = 1;
  k.clock();
  REQUIRE(k.read(spec::kRegApCtrl) == 4);
  REQUIRE(k.read(spec::kRegCmdCount) == 0);
}
