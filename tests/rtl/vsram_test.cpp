// SPDX-License-Identifier: Apache-2.0
// Vector memory under random traffic of all clients against an array: priorities, latency, old value on collision.
#include <array>
#include <cstdint>
#include <deque>
#include <random>
#include <vector>

#include "Vsquat_vsram.h"
#include "tests/catch.hpp"

namespace {

constexpr int kReaders = 3;
constexpr int kWriters = 2;
constexpr std::uint32_t kDepth = 64;  // -GDepth in vsram.cmake: small, so that collisions happen
using Word = std::array<std::uint32_t, 16>;

struct Returned {
  int cycle;
  int client;
  Word data;
};

}  // namespace

TEST_CASE("vsram serves every client in priority order", "[rtl][vsram]") {
  const double density = GENERATE(0.2, 0.6, 1.0);
  std::mt19937 rng(7);
  std::bernoulli_distribution wants(density);
  Vsquat_vsram dut;
  std::vector<Word> model(kDepth, Word{});
  std::vector<bool> known(kDepth, false);
  std::array<bool, kReaders> reading{};
  std::array<std::uint32_t, kReaders> read_addr{};
  std::array<bool, kWriters> writing{};
  std::array<std::uint32_t, kWriters> write_addr{};
  std::array<Word, kWriters> write_data{};
  std::deque<Returned> expected;
  int served[kReaders] = {};
  int collisions = 0;

  dut.clk_i = 0;
  dut.rst_ni = 0;
  for (int i = 0; i < 6; ++i) {
    dut.clk_i = !dut.clk_i;
    dut.eval();
  }
  dut.rst_ni = 1;
  for (int cycle = 0; cycle < 20000; ++cycle) {
    // A request stays up until it is granted.
    for (int c = 0; c < kReaders; ++c) {
      if (!reading[c] && wants(rng)) {
        reading[c] = true;
        do {
          read_addr[c] = rng() % kDepth;
        } while (!known[read_addr[c]] && cycle > 2000);
        if (!known[read_addr[c]]) reading[c] = false;
      }
    }
    for (int c = 0; c < kWriters; ++c) {
      if (!writing[c] && wants(rng)) {
        writing[c] = true;
        write_addr[c] = rng() % kDepth;
        for (auto& lane : write_data[c]) lane = static_cast<std::uint32_t>(rng());
      }
    }
    dut.rd_valid_i = dut.wr_valid_i = 0;
    std::uint32_t ra = 0, wa = 0;
    for (int c = 0; c < kReaders; ++c) {
      dut.rd_valid_i = static_cast<std::uint8_t>(dut.rd_valid_i | (reading[c] ? 1 << c : 0));
      ra |= read_addr[c] << (6 * c);
    }
    for (int c = 0; c < kWriters; ++c) {
      dut.wr_valid_i = static_cast<std::uint8_t>(dut.wr_valid_i | (writing[c] ? 1 << c : 0));
      wa |= write_addr[c] << (6 * c);
      for (int i = 0; i < 16; ++i) dut.wr_data_i[16 * c + i] = write_data[c][i];
    }
    dut.rd_addr_i = ra;
    dut.wr_addr_i = static_cast<std::uint16_t>(wa);
    dut.eval();
    int first_reader = -1;
    for (int c = 0; c < kReaders; ++c) {
      if (!reading[c]) continue;
      REQUIRE(((dut.rd_ready_o >> c) & 1) == (first_reader < 0));
      if (first_reader < 0) first_reader = c;
    }
    int first_writer = -1;
    for (int c = 0; c < kWriters; ++c) {
      if (!writing[c]) continue;
      REQUIRE(((dut.wr_ready_o >> c) & 1) == (first_writer < 0));
      if (first_writer < 0) first_writer = c;
    }
    if (first_reader >= 0) {
      expected.push_back({cycle + 2, first_reader, model[read_addr[first_reader]]});
      reading[first_reader] = false;
      ++served[first_reader];
    }
    if (first_writer >= 0) {
      if (first_reader >= 0 && read_addr[first_reader] == write_addr[first_writer]) ++collisions;
      model[write_addr[first_writer]] = write_data[first_writer];
      known[write_addr[first_writer]] = true;
      writing[first_writer] = false;
    }
    // What was accepted two cycles ago is on the outputs during this cycle, before its closing edge.
    if (!expected.empty() && expected.front().cycle == cycle) {
      REQUIRE(dut.rd_rvalid_o == 1 << expected.front().client);
      for (int i = 0; i < 16; ++i) REQUIRE(dut.rd_data_o[i] == expected.front().data[i]);
      expected.pop_front();
    } else {
      REQUIRE(dut.rd_rvalid_o == 0);
    }
    dut.clk_i = 1;
    dut.eval();
    dut.clk_i = 0;
    dut.eval();
  }
  REQUIRE(collisions > 20);
  REQUIRE(served[0] > 1000);
  if (density < 1.0) REQUIRE(served[2] > 1000);
}
