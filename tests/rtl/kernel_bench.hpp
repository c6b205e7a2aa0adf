// SPDX-License-Identifier: Apache-2.0
// The whole kernel with memory behind its ports and a driver of its control registers.
#pragma once

#include <cstdint>
#include <cstring>
#include <memory>
#include <random>
#include <vector>

#include "Vsquat_kernel.h"
#include "tests/catch.hpp"
#include "tests/rtl/axi_memory.hpp"
#include "tests/rtl/commands.hpp"

namespace squat::test {

inline constexpr std::uint64_t kCmd = 0x10'0000'0fc0, kWeights = 0x20'0000'0000, kKv = 0x30'0000'1010, kIo = 0x40'0000'0020;
inline constexpr std::uint32_t kWeightUnits = 0x800, kKvUnits = 0x1000, kIoUnits = 0x800, kStatusUnit = kIoUnits - 64;

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
    for (std::size_t i = 0; i < program.size(); ++i) std::memcpy(cmd + 64 * i, program[i].sealed().words.data(), 64);
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
    for (unsigned byte = 92; byte < 256; byte += 4) REQUIRE(block(byte) == 0);
    for (unsigned byte = 512; byte < 1020; byte += 4) REQUIRE(block(byte) == 0);
    REQUIRE(block(1020) == oracle::crc32(io + kStatusUnit * 16, 1008));
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

inline Command params(std::uint32_t src = 0) {
  return Command(spec::kOpLoadParams, spec::kUnitIo).set(spec::kLoadParamsCount, 64).set(spec::kLoadParamsSrc, src);
}
inline Command tclm(std::uint32_t table, std::uint32_t rule, std::uint32_t tokens, std::uint32_t layer) {
  return Command(spec::kOpTclm, spec::kUnitVec)
      .set(spec::kTclmOutTable, table)
      .set(spec::kTclmRule, rule)
      .set(spec::kTclmTokens, tokens)
      .set(spec::kTclmLayer, layer)
      .set(spec::kTclmCount, 1);
}
/// Waits for a command that never comes.
inline Command never() { return Command(spec::kOpLoadParams, spec::kUnitIo).set(spec::kLoadParamsCount, 4).wait(0, 0, 1, 0); }
/// The status register of a run that failed with this code.
constexpr std::uint32_t failed(std::uint32_t code) { return 2 | code << 8; }
/// A memory that always answers at once, and one that hesitates everywhere.
inline const Stalls kModes[] = {{0, 0, 0, 8, false}, {90, 90, 90, 20, false}};

}  // namespace squat::test
