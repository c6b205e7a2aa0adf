// SPDX-License-Identifier: Apache-2.0
// Logits beats to AXI ranges: order, merging of neighbours, limit, back pressure.
#include <cstdint>
#include <deque>
#include <random>
#include <vector>

#include "Vsquat_logits_writer.h"
#include "hw/gen/squat_spec.hpp"
#include "tests/catch.hpp"
#include "tests/oracle/memory_sum.hpp"

namespace {
struct Bench {
  Vsquat_logits_writer dut;
  std::mt19937 random;
  std::deque<std::pair<std::uint32_t, std::uint32_t>> beats;  // unit, seed of the data
  std::vector<std::pair<std::uint64_t, unsigned>> ranges;
  std::vector<std::uint32_t> written;  // first word of each AXI beat
  unsigned errors = 0, stall;
  bool offered = false;

  Bench(unsigned seed, unsigned chance) : random(seed), stall(chance) {
    dut.rst_ni = 0;
    dut.lg_valid_i = dut.req_ready_i = dut.w_ready_i = 0;
    dut.io_base_i = 0x5'0000'0000;
    dut.io_units_i = 1000;
    for (int i = 0; i < 2; ++i) edge();
    dut.rst_ni = 1;
  }
  void edge() {
    dut.clk_i = 0, dut.eval();
    dut.clk_i = 1, dut.eval();
  }
  bool rest() { return (random() & 255) < stall; }
  void clock() {
    offered = !beats.empty() && (offered || !rest());
    dut.lg_valid_i = offered;
    if (offered) {
      dut.lg_addr_i = beats.front().first;
      for (unsigned i = 0; i < 16; ++i) dut.lg_data_i[i] = beats.front().second * 16 + i;
    }
    dut.clk_i = 0;
    dut.eval();
    // Like squat_axi_writer, data are only taken for a range announced before.
    unsigned announced = 0;
    for (const auto& r : ranges) announced += r.second;
    dut.req_ready_i = dut.req_valid_o && !rest();
    dut.w_ready_i = written.size() < announced && !rest();
    dut.eval();
    if (dut.lg_valid_i && dut.lg_ready_o) beats.pop_front(), offered = false;
    if (dut.req_valid_o && dut.req_ready_i) ranges.emplace_back(dut.req_addr_o, dut.req_beats_o);
    if (dut.w_valid_o && dut.w_ready_i) {
      REQUIRE(dut.w_strb_o == 0xffff);
      written.push_back(dut.w_data_o[0]);
    }
    if (dut.err_valid_o) {
      ++errors;
      REQUIRE(dut.err_code_o == squat::spec::kErrorBadAddress);
    }
    dut.clk_i = 1;
    dut.eval();
  }
};
}  // namespace

TEST_CASE("logits arrive in order at their addresses") {
  for (unsigned seed = 0; seed < 20; ++seed) {
    Bench b(seed, seed % 4 * 60);
    std::vector<std::pair<std::uint32_t, std::uint32_t>> want;
    std::uint32_t unit = 0;
    for (std::uint32_t i = 0; i < 100; ++i) {
      unit = b.random() % 3 == 0 ? static_cast<std::uint32_t>(b.random() % 996) : (unit + 4) % 996;
      b.beats.emplace_back(unit, i);
    }
    want.assign(b.beats.begin(), b.beats.end());
    for (int i = 0; i < 20000 && !(b.beats.empty() && b.dut.idle_o); ++i) b.clock();
    REQUIRE(b.dut.idle_o);
    REQUIRE(b.errors == 0);
    REQUIRE(b.written.size() == 400);
    std::uint32_t sum = 0;
    for (const auto& [first, number] : want) {
      for (std::uint32_t i = 0; i < 16; ++i) {
        for (unsigned byte = 0; byte < 4; ++byte) {
          sum ^= squat::oracle::memory_sum(static_cast<std::uint8_t>((number * 16 + i) >> 8 * byte), 4 * (i % 4) + byte,
                                           first + i / 4);
        }
      }
    }
    REQUIRE(b.dut.sum_o == sum);
    std::size_t at = 0;
    for (const auto& r : b.ranges) {
      REQUIRE((r.second == 4 || r.second == 8));
      for (unsigned k = 0; k < r.second; ++k, ++at) {
        REQUIRE(r.first + 16 * k == 0x5'0000'0000 + 16 * (want[at / 4].first + at % 4));
        REQUIRE(b.written[at] == want[at / 4].second * 16 + 4 * (at % 4));
      }
    }
  }
}

TEST_CASE("neighbouring beats share a range") {
  Bench b(1, 0);
  for (std::uint32_t i = 0; i < 64; ++i) b.beats.emplace_back(4 * i, i);
  for (int i = 0; i < 400; ++i) b.clock();
  REQUIRE(b.written.size() == 256);
  REQUIRE(b.ranges.size() < 40);
}

TEST_CASE("a beat beyond the pass buffer is refused before it is issued") {
  Bench b(2, 50);
  b.beats = {{992, 0}, {996, 1}, {1000, 2}, {0, 3}};
  for (int i = 0; i < 300; ++i) b.clock();
  REQUIRE(b.errors == 1);
  for (const auto& r : b.ranges) REQUIRE(r.first + 16 * r.second <= 0x5'0000'0000 + 16 * 1000);
}
