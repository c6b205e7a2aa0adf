// SPDX-License-Identifier: Apache-2.0
// The io unit with memory behind its AXI ports, and with vector, activation and parameter memory and width tables played by the
// test.
#pragma once

#include <array>
#include <cstdint>
#include <cstring>
#include <deque>
#include <random>
#include <vector>

#include "Vsquat_io_bench.h"
#include "tests/catch.hpp"
#include "tests/rtl/axi_memory.hpp"
#include "tests/rtl/commands.hpp"

namespace squat::test::io {
inline constexpr std::uint64_t kIo = 0x1'0000'0000, kKv = 0x2'0000'1000, kWeights = 0x3'0000'0ff0;
inline constexpr std::size_t kIoUnits = 0x1000, kKvUnits = 0x4000, kWeightUnits = 0x400;
inline constexpr unsigned kVsram = spec::kSimVsramDepth, kAsram = spec::kSimAsramDepth;

struct Bench {
  AxiMemory memory;
  std::uint8_t* io = memory.add(kIo, kIoUnits * 16);
  std::uint8_t* kv = memory.add(kKv, kKvUnits * 16);
  std::uint8_t* weights = memory.add(kWeights, kWeightUnits * 16);
  AxiReadPort reads;
  AxiWritePort writes;
  Vsquat_io_bench dut;
  std::mt19937 random;
  unsigned stall;
  std::vector<std::int32_t> vsram = std::vector<std::int32_t>(kVsram * 16);
  std::vector<std::uint8_t> asram = std::vector<std::uint8_t>(2 * 16 * kAsram);  // [half][bank][address]
  bool eight[2][128] = {};
  std::uint32_t params[4][1024][16] = {};  // buffer, word, value
  unsigned param_writes = 0, dones = 0, errors = 0, error_code = 0, axi_errors[2] = {};
  struct Read {
    bool valid = false;
    std::array<std::uint32_t, 16> data{};
  };
  Read vpipe[2], apipe[2];

  Bench(unsigned seed, Stalls stalls, unsigned chance)
      : reads(memory, seed, stalls), writes(memory, seed + 1, stalls), random(seed + 2), stall(chance) {
    for (std::size_t i = 0; i < kIoUnits * 16; ++i) io[i] = byte();
    for (std::size_t i = 0; i < kKvUnits * 16; ++i) kv[i] = byte();
    for (std::size_t i = 0; i < kWeightUnits * 16; ++i) weights[i] = byte();
    for (auto& b : asram) b = byte();
    for (auto& v : vsram) v = static_cast<std::int32_t>(random() % 200001) - 100000;
    for (auto& table : eight) {
      for (bool& e : table) e = random() % 2;
    }
    dut.w0_base_i = kWeights, dut.kv_base_i = kKv, dut.io_base_i = kIo;
    dut.weights_units_i = kWeightUnits, dut.kv_units_i = kKvUnits, dut.io_units_i = kIoUnits;
    reset();
  }
  void reset() {
    dut.rst_ni = 0;
    dut.cmd_valid_i = 0;
    for (int i = 0; i < 3; ++i) clock();
    dut.rst_ni = 1;
  }
  std::uint8_t byte() { return static_cast<std::uint8_t>(random()); }
  bool rest() { return (random() & 255) < stall; }

  void clock() {
    dut.clk_i = 0;
    SQUAT_AXI_READ_IN(dut, m_, reads);
    SQUAT_AXI_WRITE_IN(dut, m_, writes);
    dut.vrd_ready_i = !rest(), dut.vwr_ready_i = !rest(), dut.ard_ready_i = !rest();
    dut.vrd_rvalid_i = vpipe[1].valid, dut.ard_rvalid_i = apipe[1].valid;
    for (unsigned i = 0; i < 16; ++i) dut.vrd_data_i[i] = vpipe[1].data[i];
    for (unsigned i = 0; i < 4; ++i) dut.ard_data_i[i] = apipe[1].data[i];
    dut.eval();
    dut.q_eight_i = eight[dut.q_table_o][dut.q_token_o];
    dut.eval();
    vpipe[1] = vpipe[0], apipe[1] = apipe[0];
    vpipe[0].valid = dut.vrd_valid_o && dut.vrd_ready_i;
    if (vpipe[0].valid) {
      for (unsigned i = 0; i < 16; ++i) vpipe[0].data[i] = static_cast<std::uint32_t>(vsram[dut.vrd_addr_o * 16U + i]);
    }
    apipe[0].valid = dut.ard_valid_o && dut.ard_ready_i;
    if (apipe[0].valid) {
      apipe[0].data = {};
      for (unsigned r = 0; r < 16; ++r) {
        const std::uint32_t b = asram[(dut.ard_half_o * 16U + (dut.ard_rot_o + r) % 16) * kAsram + dut.ard_addr_o];
        apipe[0].data[r / 4] |= b << 8 * (r % 4);
      }
    }
    if (dut.vwr_valid_o && dut.vwr_ready_i) {
      for (unsigned i = 0; i < 16; ++i) vsram[dut.vwr_addr_o * 16U + i] = static_cast<std::int32_t>(dut.vwr_data_o[i]);
    }
    if (dut.par_wr_valid_o) {
      ++param_writes;
      for (unsigned i = 0; i < 16; ++i) params[dut.par_wr_buffer_o][dut.par_wr_word_o][i] = dut.par_wr_data_o[i];
    }
    if (dut.rst_ni) {
      dones += dut.done_o;
      if (dut.err_valid_o) ++errors, error_code = dut.err_code_o;
      axi_errors[0] += dut.axi_err_o & 1, axi_errors[1] += dut.axi_err_o >> 1;
    }
    SQUAT_AXI_READ_CLOCK(dut, m_, reads);
    SQUAT_AXI_WRITE_CLOCK(dut, m_, writes);
    dut.clk_i = 1;
    dut.eval();
  }
  void send(const Command& command) {
    for (unsigned i = 0; i < 16; ++i) dut.cmd_i[i] = command.words[i];
    dut.cmd_valid_i = 1;
    for (bool taken = false; !taken;) {
      dut.clk_i = 0;
      dut.eval();
      taken = dut.cmd_ready_o;
      clock();
    }
    dut.cmd_valid_i = 0;
  }
  void run(const Command& command) {
    const unsigned before = dones;
    send(command);
    for (int i = 0; i < 400000 && dones == before && errors == 0; ++i) clock();
    REQUIRE(errors == 0);
    REQUIRE(dones == before + 1);
    REQUIRE(writes.idle());
  }
  /// Where the contract puts the code of a slot and column.
  std::uint8_t& code(unsigned base, unsigned stride, unsigned slot, unsigned column) {
    return asram[((slot / 16 & 1) * 16 + (slot + column) % 16) * kAsram + base + slot / 32 * stride + column];
  }
  std::uint32_t pick(std::uint32_t low, std::uint32_t high) {
    return low + static_cast<std::uint32_t>(random() % (high - low + 1));
  }
};

inline const Stalls kModes[] = {{0, 0, 0, 4, false}, {90, 90, 90, 12, false}, {200, 30, 200, 40, false}};

inline Command command(std::uint32_t opcode) { return Command(opcode, spec::kUnitIo); }

}  // namespace squat::test::io
