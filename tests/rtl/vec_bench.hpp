// SPDX-License-Identifier: Apache-2.0
// squat_vec between models of its memories: vector memory, activation memory, token tables, parameter and RoPE buffers. Every
// port that may stall does so at random; what arrives when nothing was asked for is noise.
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <random>
#include <vector>

#include "Vsquat_vec.h"
#include "hw/gen/squat_spec.hpp"
#include "tests/catch.hpp"

namespace squat::rtl_test {

/// A command record under construction.
struct Command {
  std::array<std::uint32_t, 16> word{};
  explicit Command(std::uint32_t opcode) {
    set(spec::kCmdOpcode, opcode);
    set(spec::kCmdUnit, spec::kUnitVec);
  }
  Command& set(spec::Field f, std::uint64_t value) {
    REQUIRE((f.width == 32 || value >> f.width == 0));
    const std::uint32_t mask = (f.width == 32 ? ~0U : (1U << f.width) - 1U) << f.lsb;
    word[f.word] = (word[f.word] & ~mask) | (static_cast<std::uint32_t>(value) << f.lsb);
    return *this;
  }
};

struct Region {
  std::uint32_t base = 0, stride = 0, ks = 0;
};

struct Report {
  std::uint32_t layer = 0, total = 0, eight = 0, four = 0;
};

class VecBench {
 public:
  static constexpr std::uint32_t kVectorWords = 16384;
  static constexpr std::uint32_t kCodeDepth = 32768;

  Vsquat_vec dut;
  std::mt19937_64 random;
  int read_percent = 100;   ///< chance that a vector memory read is granted
  int write_percent = 100;  ///< chance that an activation memory write is granted
  std::vector<std::int32_t> vector = std::vector<std::int32_t>(kVectorWords * 16);
  std::vector<std::int16_t> code = std::vector<std::int16_t>(2 * 16 * kCodeDepth, kEmpty);  ///< kEmpty: not written
  std::array<std::array<std::uint32_t, 16>, 128> gain{}, beta{};                            ///< 18 and 24 bits of each are seen
  std::array<std::array<std::uint32_t, 16>, 4> step{};
  std::array<std::uint32_t, 8192> rope{};
  struct Table {
    std::array<std::uint8_t, 128> slot{}, eight{}, written{};
    std::uint32_t count = 0, n8 = 0;
  };
  std::array<Table, 2> tables;
  std::vector<Report> reports;
  std::uint64_t cycles = 0;
  std::uint64_t words_written = 0;
  std::uint64_t rope_written = 0;
  int error = -1;

  explicit VecBench(std::uint64_t seed) : random(seed) {
    reset(4);
    tick();
    for (auto& v : vector) v = static_cast<std::int32_t>(random());
  }

  void stalls(int read, int write) {
    read_percent = read;
    write_percent = write;
  }

  void reset(int cycles_in_reset) {
    dut.rst_ni = 0;
    dut.cmd_valid_i = 0;
    for (int i = 0; i < cycles_in_reset; ++i) tick();
    dut.rst_ni = 1;
  }
  /// Offers a command for some cycles and resets the unit, whatever it is doing.
  void abandon(const Command& command, std::uint32_t after) {
    for (unsigned i = 0; i < 16; ++i) dut.cmd_i[i] = command.word[i];
    dut.cmd_valid_i = 1;
    for (std::uint32_t i = 0; i < after; ++i) {
      const bool accepted = dut.cmd_valid_i && settled_ready();
      tick();
      if (accepted) dut.cmd_valid_i = 0;
    }
    reset(1);
  }

  /// Uniform in 0 .. end-1.
  std::uint32_t below(std::uint64_t end) { return static_cast<std::uint32_t>(random() % end); }

  /// Runs one command to its end; returns its cycles from acceptance to done.
  std::uint64_t run(const Command& command) {
    for (unsigned i = 0; i < 16; ++i) dut.cmd_i[i] = command.word[i];
    dut.cmd_valid_i = 1;
    error = -1;
    const std::uint64_t start = cycles;
    for (;;) {
      const bool accepted = dut.cmd_valid_i && settled_ready();
      const bool ended = tick();
      if (accepted) dut.cmd_valid_i = 0;
      if (ended) break;
      REQUIRE(cycles - start < 2000000);
    }
    return cycles - start;
  }

  std::int16_t& at(std::uint32_t slot, std::uint32_t column, const Region& r) {
    const std::uint32_t half = (slot / 16) % 2;
    const std::uint32_t bank = (slot + column) % 16;
    return code[(half * 16 + bank) * kCodeDepth + (r.base + slot / 32 * r.stride + column) % kCodeDepth];
  }
  /// Code of (token's slot, column) where the consumer expects it; -999 where nothing was written.
  int code_of(std::uint32_t slot, std::uint32_t column, const Region& r) {
    if (r.ks != 0) return at(4 * (column / r.ks) + slot, column % r.ks, r);
    return at(slot, column, r);
  }
  void forget_codes() {
    std::fill(code.begin(), code.end(), kEmpty);
    words_written = 0;
  }

  /// A token table as TCLM would write it, from widths.
  void set_table(int table, const std::vector<std::uint8_t>& eight) {
    Table& t = tables[static_cast<std::size_t>(table)];
    std::uint32_t n8 = 0;
    for (const auto e : eight) n8 += e;
    std::uint32_t next8 = 0;
    std::uint32_t next4 = (n8 + 15) / 16 * 16;
    for (std::size_t i = 0; i < eight.size(); ++i) {
      t.eight[i] = eight[i];
      t.slot[i] = static_cast<std::uint8_t>(eight[i] ? next8++ : next4++);
    }
  }

 private:
  static constexpr std::int16_t kEmpty = -999;
  std::array<int, 2> read_flight_{-1, -1};  ///< word addresses asked one and two cycles ago
  std::array<int, 2> gain_flight_{-1, -1}, beta_flight_{-1, -1}, step_flight_{-1, -1};

  bool chance(int percent) { return static_cast<int>(random() % 100) < percent; }
  bool settled_ready() {
    dut.clk_i = 0;
    dut.eval();
    return dut.cmd_ready_o;
  }
  template <typename Port>
  void noise(Port& port, unsigned words = 16) {
    for (unsigned i = 0; i < words; ++i) port[i] = static_cast<std::uint32_t>(random());
  }
  /// The low `bits` bits of 16 values, side by side.
  template <typename Port>
  static void pack(Port& port, const std::array<std::uint32_t, 16>& values, unsigned bits) {
    for (unsigned i = 0; i < 16 * bits; ++i) {
      const std::uint32_t bit = (values[i / bits] >> (i % bits)) & 1U;
      port[i / 32] = (port[i / 32] & ~(1U << (i % 32))) | bit << (i % 32);
    }
  }

  /// One clock cycle; true when a command ended in it.
  bool tick() {
    dut.vs_rd_ready_i = chance(read_percent);
    dut.as_wr_ready_i = chance(write_percent);
    dut.vs_rd_rvalid_i = read_flight_[1] >= 0;
    if (read_flight_[1] >= 0) {
      for (unsigned i = 0; i < 16; ++i)
        dut.vs_rd_data_i[i] = static_cast<std::uint32_t>(vector[static_cast<std::size_t>(read_flight_[1]) * 16 + i]);
    } else {
      noise(dut.vs_rd_data_i);
    }
    noise(dut.gain_data_i, 9);
    noise(dut.beta_data_i, 12);
    if (gain_flight_[1] >= 0) pack(dut.gain_data_i, gain[static_cast<std::size_t>(gain_flight_[1])], 18);
    if (beta_flight_[1] >= 0) pack(dut.beta_data_i, beta[static_cast<std::size_t>(beta_flight_[1])], 24);
    if (step_flight_[1] >= 0) {
      for (unsigned i = 0; i < 16; ++i) dut.step_data_i[i] = step[static_cast<std::size_t>(step_flight_[1])][i];
    } else {
      noise(dut.step_data_i);
    }
    dut.clk_i = 0;
    dut.eval();
    const Table& queried = tables[dut.q_table_o];
    dut.q_slot_i = queried.slot[dut.q_token_o];
    dut.q_eight_i = queried.eight[dut.q_token_o];
    dut.eval();

    read_flight_[1] = read_flight_[0];
    read_flight_[0] = dut.rst_ni && dut.vs_rd_valid_o && dut.vs_rd_ready_i ? static_cast<int>(dut.vs_rd_addr_o) : -1;
    gain_flight_[1] = gain_flight_[0];
    gain_flight_[0] = dut.gain_en_o ? static_cast<int>(dut.gain_addr_o) : -1;
    beta_flight_[1] = beta_flight_[0];
    beta_flight_[0] = dut.beta_en_o ? static_cast<int>(dut.gain_addr_o) : -1;
    step_flight_[1] = step_flight_[0];
    step_flight_[0] = dut.step_en_o ? static_cast<int>(dut.step_addr_o) : -1;
    bool ended = false;
    if (dut.rst_ni) {
      take_writes();
      if (dut.err_valid_o) error = dut.err_code_o;
      ended = dut.done_o || dut.err_valid_o;
    }
    dut.clk_i = 1;
    dut.eval();
    ++cycles;
    return ended;
  }

  void take_writes() {
    if (dut.as_wr_valid_o && dut.as_wr_ready_i) {
      ++words_written;
      for (unsigned i = 0; i < 16; ++i) {
        if (!((dut.as_wr_mask_o >> i) & 1)) continue;
        const std::size_t bank = (dut.as_wr_rot_o + i) % 16;
        code[(dut.as_wr_half_o * std::size_t{16} + bank) * kCodeDepth + (dut.as_wr_addr_o + i) % kCodeDepth] =
            static_cast<std::int8_t>(dut.as_wr_data_o[i / 4] >> (8 * (i % 4)));
      }
    }
    Table& table = tables[dut.tt_wr_table_o];
    if (dut.tt_wr_start_o) {
      table = Table{};
      table.count = dut.tt_wr_count_o;
      table.n8 = dut.tt_wr_n8_o;
    }
    if (dut.tt_wr_valid_o) {
      table.slot[dut.tt_wr_token_o] = dut.tt_wr_slot_o;
      table.eight[dut.tt_wr_token_o] = dut.tt_wr_eight_o;
      ++table.written[dut.tt_wr_token_o];
    }
    if (dut.rope_wr_valid_o) {
      rope[dut.rope_wr_addr_o * std::size_t{8} + dut.rope_wr_lane_o] = dut.rope_wr_data_o;
      ++rope_written;
    }
    if (dut.rep_valid_o) reports.push_back({dut.rep_layer_o, dut.rep_total_o, dut.rep_eight_o, dut.rep_four_o});
  }
};

}  // namespace squat::rtl_test
