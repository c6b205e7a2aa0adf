// SPDX-License-Identifier: Apache-2.0
// Width tables against maps: random tables as TCLM numbers them, all queries of both tables after every rewrite.
#include <array>
#include <cstdint>
#include <random>
#include <vector>

#include "Vsquat_token_tables.h"
#include "tests/catch.hpp"

namespace {

struct Table {
  int tokens = 0, eight = 0;
  std::array<int, 128> slot{}, width8{};
  std::array<int, 256> token{};
};

Table random_table(std::mt19937& rng) {
  Table t;
  t.token.fill(-1);
  t.tokens = static_cast<int>(rng() % 128) + 1;
  const auto share = rng() % 5;
  for (int i = 0; i < t.tokens; ++i) t.eight += t.width8[i] = rng() % 4 < share ? 1 : 0;
  int next8 = 0, next4 = (t.eight + 15) / 16 * 16;
  for (int i = 0; i < t.tokens; ++i) {
    t.slot[i] = t.width8[i] != 0 ? next8++ : next4++;
    t.token[t.slot[i]] = i;
  }
  return t;
}

void clock(Vsquat_token_tables& dut) {
  dut.clk_i = 1;
  dut.eval();
  dut.clk_i = 0;
  dut.eval();
}

}  // namespace

TEST_CASE("token tables answer what was written", "[rtl][token_tables]") {
  std::mt19937 rng(3);
  Vsquat_token_tables dut;
  dut.clk_i = dut.rst_ni = dut.wr_start_i = dut.wr_valid_i = 0;
  dut.eval();
  clock(dut);
  clock(dut);
  dut.rst_ni = 1;
  std::array<Table, 2> model;
  for (auto& t : model) t.token.fill(-1);
  for (int round = 0; round < 60; ++round) {
    const auto which = rng() % 2;
    Table& t = model[which] = random_table(rng);
    dut.wr_start_i = 1;
    dut.wr_table_i = static_cast<std::uint8_t>(which);
    dut.wr_count_i = static_cast<std::uint8_t>(t.tokens);
    dut.wr_n8_i = static_cast<std::uint8_t>(t.eight);
    clock(dut);
    dut.wr_start_i = 0;
    for (int i = 0; i < t.tokens; ++i) {
      while (rng() % 4 == 0) clock(dut);
      dut.wr_valid_i = 1;
      dut.wr_token_i = static_cast<std::uint8_t>(i);
      dut.wr_slot_i = static_cast<std::uint8_t>(t.slot[i]);
      dut.wr_eight_i = static_cast<std::uint8_t>(t.width8[i]);
      clock(dut);
      dut.wr_valid_i = 0;
    }
    for (int table = 0; table < 2; ++table) {
      const Table& m = model[static_cast<std::size_t>(table)];
      REQUIRE(((dut.tokens_o >> (8 * table)) & 255) == m.tokens);
      REQUIRE(((dut.n8_o >> (8 * table)) & 255) == m.eight);
      for (int s = 0; s < 256; ++s) {
        dut.s_table_i = static_cast<std::uint8_t>(table);
        dut.s_slot_i = static_cast<std::uint8_t>(s);
        dut.eval();
        REQUIRE((dut.s_valid_o != 0) == (m.token[s] >= 0));
        if (dut.s_valid_o != 0) REQUIRE(dut.s_token_o == m.token[s]);
      }
      for (int i = 0; i < m.tokens; ++i) {
        // All three clients at once, two of them on this table.
        dut.q_table_i = static_cast<std::uint8_t>(table != 0 ? 5 : 2);
        dut.q_token_i = static_cast<std::uint32_t>(i | i << 7 | i << 14);
        dut.eval();
        for (int c = 0; c < 3; ++c) {
          if (((dut.q_table_i >> c) & 1) != table) continue;
          REQUIRE(((dut.q_slot_o >> (8 * c)) & 255) == static_cast<std::uint32_t>(m.slot[i]));
          REQUIRE(((dut.q_eight_o >> c) & 1) == m.width8[i]);
        }
      }
    }
  }
}
