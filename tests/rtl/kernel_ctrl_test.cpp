// SPDX-License-Identifier: Apache-2.0
// The whole kernel under simple programs: run, status block, restart, and every way a run can fail. Arithmetic of whole passes
// is tested elsewhere.
#include <cstdint>
#include <cstring>
#include <memory>
#include <random>
#include <vector>

#include "Vsquat_kernel.h"
#include "hls/requantize.hpp"
#include "tests/catch.hpp"
#include "tests/rtl/axi_memory.hpp"
#include "tests/rtl/commands.hpp"

namespace {
using namespace squat;
using namespace squat::test;

constexpr std::uint64_t kCmd = 0x10'0000'0fc0, kWeights = 0x20'0000'0000, kKv = 0x30'0000'1010, kIo = 0x40'0000'0020;
constexpr std::uint32_t kWeightUnits = 0x800, kKvUnits = 0x1000, kIoUnits = 0x800, kStatusUnit = kIoUnits - 64;

struct Kernel {
  AxiMemory memory;
  std::uint8_t* cmd = memory.add(kCmd, 64 * 512);
  std::uint8_t* weights[4];
  std::uint8_t* kv = memory.add(kKv, kKvUnits * 16);
  std::uint8_t* io = memory.add(kIo, kIoUnits * 16);
  std::vector<std::unique_ptr<AxiReadPort>> reads;
  AxiWritePort writes;
  Vsquat_kernel dut;
  std::mt19937 random;
  std::uint64_t cycles = 0, done_after = 0;

  explicit Kernel(unsigned seed, Stalls stalls = {0, 0, 0, 8, false}) : writes(memory, seed, stalls), random(seed + 1) {
    for (unsigned p = 0; p < 4; ++p) {
      weights[p] = memory.add(kWeights + 0x1'0000'0000 * p, kWeightUnits * 16);
      for (unsigned i = 0; i < kWeightUnits * 16; ++i) weights[p][i] = static_cast<std::uint8_t>(random());
    }
    for (unsigned i = 0; i < kKvUnits * 16; ++i) kv[i] = static_cast<std::uint8_t>(random());
    for (unsigned i = 0; i < kIoUnits * 16; ++i) io[i] = static_cast<std::uint8_t>(random());
    for (unsigned p = 0; p < 5; ++p) reads.push_back(std::make_unique<AxiReadPort>(memory, seed + 10 + p, stalls));
    dut.ap_rst_n = 0;
    for (int i = 0; i < 5; ++i) clock();
    dut.ap_rst_n = 1;
    for (int i = 0; i < 5; ++i) clock();
    set64(spec::kRegCmdAddr, kCmd);
    set64(spec::kRegKv, kKv);
    set64(spec::kRegIo, kIo);
    for (unsigned p = 0; p < 4; ++p) set64(spec::kRegWeights0 + 8 * p, kWeights + 0x1'0000'0000 * p);
    write(spec::kRegWeightsUnits, kWeightUnits);
    write(spec::kRegKvUnits, kKvUnits);
    write(spec::kRegIoUnits, kIoUnits);
    write(spec::kRegIer, 1);
    write(spec::kRegGie, 1);
  }
  void clock() {
    dut.ap_clk = 0;
    SQUAT_AXI_READ_IN(dut, m_axi_gmem0_, *reads[0]);
    SQUAT_AXI_READ_IN(dut, m_axi_gmem1_, *reads[1]);
    SQUAT_AXI_READ_IN(dut, m_axi_gmem2_, *reads[2]);
    SQUAT_AXI_READ_IN(dut, m_axi_gmem3_, *reads[3]);
    SQUAT_AXI_READ_IN(dut, m_axi_gmem4_, *reads[4]);
    SQUAT_AXI_WRITE_IN(dut, m_axi_gmem0_, writes);
    dut.eval();
    SQUAT_AXI_READ_CLOCK(dut, m_axi_gmem0_, *reads[0]);
    SQUAT_AXI_READ_CLOCK(dut, m_axi_gmem1_, *reads[1]);
    SQUAT_AXI_READ_CLOCK(dut, m_axi_gmem2_, *reads[2]);
    SQUAT_AXI_READ_CLOCK(dut, m_axi_gmem3_, *reads[3]);
    SQUAT_AXI_READ_CLOCK(dut, m_axi_gmem4_, *reads[4]);
    SQUAT_AXI_WRITE_CLOCK(dut, m_axi_gmem0_, writes);
    dut.ap_clk = 1;
    dut.eval();
    ++cycles;
  }
  void write(std::uint32_t addr, std::uint32_t data) {
    dut.s_axi_control_awvalid = dut.s_axi_control_wvalid = dut.s_axi_control_bready = 1;
    dut.s_axi_control_awaddr = addr & 0xfff;
    dut.s_axi_control_wdata = data;
    dut.s_axi_control_wstrb = 15;
    clock();  // both are free between accesses
    dut.s_axi_control_awvalid = dut.s_axi_control_wvalid = 0;
    clock();
    dut.ap_clk = 0;
    dut.eval();
    REQUIRE(dut.s_axi_control_bvalid);
    REQUIRE(dut.s_axi_control_bresp == 0);
    clock();
  }
  void set64(std::uint32_t addr, std::uint64_t data) {
    write(addr, static_cast<std::uint32_t>(data));
    write(addr + 4, static_cast<std::uint32_t>(data >> 32));
  }
  std::uint32_t read(std::uint32_t addr) {
    dut.s_axi_control_arvalid = dut.s_axi_control_rready = 1;
    dut.s_axi_control_araddr = addr & 0xfff;
    clock();
    dut.s_axi_control_arvalid = 0;
    dut.ap_clk = 0;
    dut.eval();
    REQUIRE(dut.s_axi_control_rvalid);
    REQUIRE(dut.s_axi_control_rresp == 0);
    const std::uint32_t data = dut.s_axi_control_rdata;
    clock();
    return data;
  }
  std::uint64_t read64(std::uint32_t addr) { return read(addr) | std::uint64_t{read(addr + 4)} << 32; }

  void start(const std::vector<Command>& program) {
    for (std::size_t i = 0; i < program.size(); ++i) std::memcpy(cmd + 64 * i, program[i].words.data(), 64);
    write(spec::kRegCmdCount, static_cast<std::uint32_t>(program.size()));
    write(spec::kRegApCtrl, 1);
  }
  /// Returns the status register. Requires done within `limit` cycles.
  std::uint32_t finish(std::uint64_t limit = 200000) {
    const std::uint64_t begin = cycles;
    while (!dut.__SYM__interrupt && cycles - begin < limit) clock();
    REQUIRE(dut.__SYM__interrupt);
    done_after = cycles - begin;
    write(spec::kRegIsr, 1);
    REQUIRE((read(spec::kRegApCtrl) & 15) == 0b1110);
    return read(spec::kRegStatus);
  }
  std::uint32_t run(const std::vector<Command>& program) {
    start(program);
    return finish();
  }
  std::uint32_t block(unsigned byte) const {
    std::uint32_t word;
    std::memcpy(&word, io + kStatusUnit * 16 + byte, 4);
    return word;
  }
  void clear_block() { std::memset(io + kStatusUnit * 16, 0xee, 1024); }
  /// The status block agrees with the registers.
  void check_block() {
    REQUIRE(block(0) == read(spec::kRegStatus));
    REQUIRE(block(4) == read(spec::kRegErrorIndex));
    REQUIRE(block(8) == read(spec::kRegCommandsDone));
    REQUIRE(block(12) == 0);
    for (unsigned i = 0; i < 16; ++i) REQUIRE(block(16 + 4 * i) == read(spec::kRegCycles + 4 * i));
    for (unsigned byte = 80; byte < 256; byte += 4) REQUIRE(block(byte) == 0);
    for (unsigned byte = 512; byte < 1024; byte += 4) REQUIRE(block(byte) == 0);
  }
  /// A run that works, whatever came before.
  void check_alive() {
    clear_block();
    REQUIRE(run({Command(spec::kOpLoadParams, spec::kUnitIo).set(spec::kLoadParamsCount, 64),
                 Command(spec::kOpLoadParams, spec::kUnitIo).set(spec::kLoadParamsCount, 128)}) == 0);
    REQUIRE(read(spec::kRegCommandsDone) == 2);
    REQUIRE(read64(spec::kRegReadBeats) == 8 + 48);
    REQUIRE(read64(spec::kRegWriteBeats) == 0);
    REQUIRE(read(spec::kRegErrorIndex) == 0xffffffff);
    check_block();
  }
};

Command params(std::uint32_t src = 0) {
  return Command(spec::kOpLoadParams, spec::kUnitIo).set(spec::kLoadParamsCount, 64).set(spec::kLoadParamsSrc, src);
}
Command tclm(std::uint32_t table, std::uint32_t rule, std::uint32_t tokens, std::uint32_t layer) {
  return Command(spec::kOpTclm, spec::kUnitVec)
      .set(spec::kTclmOutTable, table)
      .set(spec::kTclmRule, rule)
      .set(spec::kTclmTokens, tokens)
      .set(spec::kTclmLayer, layer)
      .set(spec::kTclmCount, 1);
}
Command never() { return Command(spec::kOpLoadParams, spec::kUnitIo).set(spec::kLoadParamsCount, 4).wait(0, 0, 1, 0); }
constexpr std::uint32_t failed(std::uint32_t code) { return 2 | code << 8; }
const Stalls kModes[] = {{0, 0, 0, 8, false}, {90, 90, 90, 20, false}};
}  // namespace

TEST_CASE("an empty program finishes, again and again") {
  Kernel k(1);
  REQUIRE(k.read(spec::kRegStatus) == 0);
  for (int i = 0; i < 3; ++i) {
    k.clear_block();
    REQUIRE(k.run({}) == 0);
    REQUIRE(k.read(spec::kRegCommandsDone) == 0);
    REQUIRE(k.read64(spec::kRegReadBeats) == 0);
    k.check_block();
    REQUIRE(k.writes.idle());
  }
}

TEST_CASE("parameters, RoPE table and token control run and report") {
  for (unsigned mode = 0; mode < 2; ++mode) {
    Kernel k(2 + mode, kModes[mode]);
    for (int round = 0; round < 2; ++round) {
      k.clear_block();
      std::vector<Command> program = {params(), params(16).set(spec::kLoadParamsBuffer, spec::kBufferRope),
                                      Command(spec::kOpRopeTable, spec::kUnitVec)
                                          .wait(0, 0, 0, 2)
                                          .set(spec::kRopeTableTokens, 20)
                                          .set(spec::kRopeTableFirstPosition, 5)
                                          .set(spec::kRopeTableLog2HeadDim, 6),
                                      tclm(0, 0, 20, 3), tclm(1, 1, 20, 60)};
      REQUIRE(k.run(program) == 0);
      REQUIRE(k.read(spec::kRegCommandsDone) == 5);
      REQUIRE(k.read64(spec::kRegEightTokens) == 20);
      REQUIRE(k.read64(spec::kRegFourTokens) == 20);
      REQUIRE(k.read64(spec::kRegReadBeats) == 5 * 4 + 32);
      REQUIRE(k.read64(spec::kRegWriteBeats) == 0);
      REQUIRE(k.read64(spec::kRegMacSteps) == 0);
      k.check_block();
      for (unsigned layer = 0; layer < 64; ++layer) REQUIRE(k.block(256 + 4 * layer) == (layer == 3 ? 20U : 0U));
    }
  }
}

TEST_CASE("rows go through vector memory to the value cache by the width of their token") {
  for (unsigned mode = 0; mode < 2; ++mode) {
    Kernel k(4 + mode, kModes[mode]);
    const std::uint32_t tokens = 20, words = 4, first = 37;
    const hls::Requant in{0x14000, 3}, out{0x18000, 19};
    std::vector<std::uint8_t> want(k.kv, k.kv + kKvUnits * 16);
    for (std::uint32_t t = 0; t < tokens; ++t) {
      for (std::uint32_t c = 0; c < 64; ++c) {
        const std::int32_t x = hls::requantize(static_cast<std::int8_t>(k.io[t * 64 + c]), in, INT32_MIN, INT32_MAX);
        want[(7 + c / 32 * 200) * 16 + (first + t) * 32 + c % 32] =
            static_cast<std::uint8_t>(hls::requantize_attention_code(x, out, mode == 0));
      }
    }
    REQUIRE(k.run({tclm(1, mode, tokens, 0),
                   Command(spec::kOpLoadResidual, spec::kUnitIo)
                       .set(spec::kLoadResidualTokens, tokens)
                       .set(spec::kLoadResidualWords, words)
                       .set(spec::kLoadResidualXBase, 100)
                       .set(spec::kLoadResidualXStride, 9)
                       .set(spec::kLoadResidualM0, in.m)
                       .set(spec::kLoadResidualS0, in.s),
                   Command(spec::kOpAppendV, spec::kUnitIo)
                       .wait(0, 0, 1, 1)
                       .set(spec::kAppendVOutTable, 1)
                       .set(spec::kAppendVTokens, tokens)
                       .set(spec::kAppendVFirstPosition, first)
                       .set(spec::kAppendVKvHeads, 1)
                       .set(spec::kAppendVXBase, 100)
                       .set(spec::kAppendVXStride, 9)
                       .set(spec::kAppendVLog2HeadDim, 6)
                       .set(spec::kAppendVM0, out.m)
                       .set(spec::kAppendVS0, out.s)
                       .set(spec::kAppendVDst, 7)
                       .set(spec::kAppendVTileStride, 200)}) == 0);
    REQUIRE(std::memcmp(want.data(), k.kv, want.size()) == 0);
    REQUIRE(k.read64(spec::kRegWriteBeats) == tokens * words);
  }
}

TEST_CASE("weights stream through four ports and logits leave through one") {
  for (unsigned mode = 0; mode < 2; ++mode) {
    Kernel k(6 + mode, kModes[mode]);
    // Activation memory is all zero after power-up, so every logit is: what counts is where they go.
    const std::uint32_t tokens = 3, tiles = 5, words = 16, dst = 64, stride = tiles * 8 + 3;
    std::vector<std::uint8_t> want(k.io, k.io + kStatusUnit * 16);
    for (std::uint32_t t = 0; t < tokens; ++t) std::memset(&want[(dst + t * stride) * 16], 0, tiles * 128);
    REQUIRE(k.run({Command(spec::kOpLoad, spec::kUnitLoad)
                       .set(spec::kLoadOffset, 5)
                       .set(spec::kLoadBankStride, tiles * words)
                       .set(spec::kLoadTileStride, words)
                       .set(spec::kLoadWords, words)
                       .set(spec::kLoadTiles, tiles),
                   Command(spec::kOpGemm, spec::kUnitGemm)
                       .set(spec::kGemmPost, spec::kPostLogits)
                       .set(spec::kGemmTokens, tokens)
                       .set(spec::kGemmK, 4 * words)
                       .set(spec::kGemmKs, words)
                       .set(spec::kGemmTiles, tiles)
                       .set(spec::kGemmAStride, 64)
                       .set(spec::kGemmDst, dst)
                       .set(spec::kGemmDstStride, stride)}) == 0);
    REQUIRE(std::memcmp(want.data(), k.io, want.size()) == 0);
    REQUIRE(k.read64(spec::kRegReadBeats) == 2 * 4 + 4 * tiles * words);
    REQUIRE(k.read64(spec::kRegWriteBeats) == tokens * tiles * 8);
    REQUIRE(k.read64(spec::kRegMacSteps) == tiles * 4 * words);
    k.check_block();
  }
}

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
