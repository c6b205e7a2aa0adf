// SPDX-License-Identifier: Apache-2.0
// Both sides of m_axi_gmem0 against a stalling memory: ranges of random length and place, order, strobes, error responses,
// abort.
#include <cstdint>
#include <cstring>
#include <deque>
#include <random>
#include <vector>

#include "Vsquat_axi_bench.h"
#include "tests/catch.hpp"
#include "tests/rtl/axi_memory.hpp"

namespace {
using namespace squat::test;

constexpr std::uint64_t kBase = 0x7'0000'0000;
constexpr std::size_t kBytes = 1 << 18;

struct Range {
  std::uint64_t addr;
  unsigned beats;
};
struct WriteBeat {
  Beat data;
  std::uint16_t strb;
};

/// Per client: ranges to announce, data to give or received so far.
struct Bench {
  AxiMemory memory;
  std::uint8_t* bytes = memory.add(kBase, kBytes);
  AxiReadPort reads;
  AxiWritePort writes;
  Vsquat_axi_bench dut;
  std::mt19937 random;
  unsigned pause;  ///< chance in 1/256 that a client rests in a cycle
  std::deque<Range> read_ranges[2], write_ranges[3];
  std::deque<Beat> received[2];
  std::deque<WriteBeat> to_write[3];
  unsigned read_errors[2] = {}, write_errors[3] = {};
  std::uint64_t read_beats = 0, write_beats = 0, cycles = 0;
  bool offered_r[2] = {}, offered_w[3] = {}, offered_d[3] = {};

  Bench(unsigned seed, Stalls stalls, unsigned rest)
      : reads(memory, seed, stalls), writes(memory, seed + 1, stalls), random(seed + 2), pause(rest) {
    for (std::size_t i = 0; i < kBytes; ++i) bytes[i] = static_cast<std::uint8_t>(i * 131 + (i >> 8) * 7);
    dut.rst_ni = dut.client_rst_ni = 0;
    dut.abort_i = 1;
    for (int i = 0; i < 4; ++i) clock();
    dut.rst_ni = dut.client_rst_ni = 1;
    dut.abort_i = 0;
    clock();
  }
  bool go() { return (random() & 255) >= pause; }

  void clock() {
    dut.clk_i = 0;
    SQUAT_AXI_READ_IN(dut, m_, reads);
    SQUAT_AXI_WRITE_IN(dut, m_, writes);
    unsigned rreq = 0, wreq = 0, wdat = 0, rrdy = 0;
    const bool live = dut.client_rst_ni;
    for (unsigned c = 0; c < 2; ++c) {
      // What was offered stays offered.
      offered_r[c] = live && !read_ranges[c].empty() && (offered_r[c] || go());
      if (offered_r[c]) {
        rreq |= 1U << c;
        std::memcpy(&dut.rreq_addr_i[2 * c], &read_ranges[c].front().addr, 8);
        dut.rreq_beats_i = (dut.rreq_beats_i & ~(0xffffU << 16 * c)) | read_ranges[c].front().beats << 16 * c;
      }
      if (go()) rrdy |= 1U << c;
    }
    for (unsigned c = 0; c < 3; ++c) {
      offered_w[c] = live && !write_ranges[c].empty() && (offered_w[c] || go());
      if (offered_w[c]) {
        wreq |= 1U << c;
        std::memcpy(&dut.wreq_addr_i[2 * c], &write_ranges[c].front().addr, 8);
        dut.wreq_beats_i = (dut.wreq_beats_i & ~(0xffffULL << 16 * c)) | std::uint64_t{write_ranges[c].front().beats} << 16 * c;
      }
      offered_d[c] = live && !to_write[c].empty() && (offered_d[c] || go());
      if (offered_d[c]) {
        wdat |= 1U << c;
        std::memcpy(&dut.w_data_i[4 * c], to_write[c].front().data.data(), 16);
        dut.w_strb_i = (dut.w_strb_i & ~(0xffffULL << 16 * c)) | std::uint64_t{to_write[c].front().strb} << 16 * c;
      }
    }
    dut.rreq_valid_i = static_cast<std::uint8_t>(rreq), dut.rd_ready_i = static_cast<std::uint8_t>(rrdy);
    dut.wreq_valid_i = static_cast<std::uint8_t>(wreq), dut.w_valid_i = static_cast<std::uint8_t>(wdat);
    dut.eval();
    for (unsigned c = 0; c < 2 && live; ++c) {
      if (dut.rreq_ready_o & rreq & 1U << c) read_ranges[c].pop_front(), offered_r[c] = false;
      if (dut.rd_valid_o & rrdy & 1U << c)
        received[c].push_back({dut.rd_data_o[0], dut.rd_data_o[1], dut.rd_data_o[2], dut.rd_data_o[3]});
      read_errors[c] += dut.rd_err_o >> c & 1;
    }
    for (unsigned c = 0; c < 3 && live; ++c) {
      if (dut.wreq_ready_o & wreq & 1U << c) write_ranges[c].pop_front(), offered_w[c] = false;
      if (dut.w_ready_o & wdat & 1U << c) to_write[c].pop_front(), offered_d[c] = false;
      write_errors[c] += dut.w_err_o >> c & 1;
    }
    read_beats += dut.read_beat_o, write_beats += dut.write_beat_o;
    SQUAT_AXI_READ_CLOCK(dut, m_, reads);
    SQUAT_AXI_WRITE_CLOCK(dut, m_, writes);
    dut.clk_i = 1;
    dut.eval();
    ++cycles;
  }
  Range range() {
    const unsigned beats = 1 + static_cast<unsigned>(random() % (random() % 4 == 0 ? 300 : 20));
    return {kBase + 16 * (random() % (kBytes / 16 - beats)), beats};
  }
  std::vector<Beat> expected(const std::deque<Range>& ranges) {
    std::vector<Beat> beats;
    for (const Range& r : ranges) {
      for (unsigned i = 0; i < r.beats; ++i) beats.push_back(memory.read(r.addr + 16 * i));
    }
    return beats;
  }
};

const Stalls kModes[] = {
    {0, 0, 0, 4, false}, {0, 0, 0, 60, false}, {100, 100, 100, 10, false}, {230, 20, 200, 1, false}, {20, 230, 20, 30, false}};
}  // namespace

TEST_CASE("reads return to their client in order under stalls") {
  for (unsigned mode = 0; mode < 5; ++mode) {
    Bench b(10 + mode, kModes[mode], mode == 0 ? 0 : 80);
    std::vector<Beat> want[2];
    for (unsigned c = 0; c < 2; ++c) {
      for (int i = 0; i < 40; ++i) b.read_ranges[c].push_back(b.range());
      want[c] = b.expected(b.read_ranges[c]);
    }
    for (int i = 0; i < 400000 && (b.received[0].size() < want[0].size() || b.received[1].size() < want[1].size()); ++i)
      b.clock();
    for (unsigned c = 0; c < 2; ++c)
      REQUIRE(std::equal(want[c].begin(), want[c].end(), b.received[c].begin(), b.received[c].end()));
    REQUIRE(b.read_errors[0] + b.read_errors[1] == 0);
    REQUIRE(b.read_beats == want[0].size() + want[1].size());
    b.clock();
    REQUIRE(b.dut.read_idle_o);
  }
}

TEST_CASE("long reads keep the data channel busy") {
  Bench b(3, Stalls{0, 0, 0, 40, false}, 0);
  b.read_ranges[1].push_back({kBase + 4096 - 48, 4096});
  while (b.received[1].size() < 4096) b.clock();
  REQUIRE(b.cycles < 4096 + 80);
}

TEST_CASE("writes reach memory with their strobes under stalls") {
  for (unsigned mode = 0; mode < 5; ++mode) {
    Bench b(20 + mode, kModes[mode], mode == 0 ? 0 : 80);
    std::vector<std::uint8_t> want(b.bytes, b.bytes + kBytes);
    // Clients write to disjoint thirds: their order among one another is not defined.
    const std::uint64_t third = kBytes / 3 / 16;
    std::uint64_t beats = 0;
    for (unsigned c = 0; c < 3; ++c) {
      for (int i = 0; i < 30; ++i) {
        Range r = b.range();
        r.addr = kBase + 16 * (c * third + (r.addr - kBase) / 16 % (third - r.beats));
        b.write_ranges[c].push_back(r);
        for (unsigned k = 0; k < r.beats; ++k) {
          WriteBeat w;
          for (std::uint32_t& word : w.data) word = static_cast<std::uint32_t>(b.random());
          w.strb = static_cast<std::uint16_t>(b.random() % 3 == 0 ? b.random() : 0xffff);
          b.to_write[c].push_back(w);
          for (unsigned n = 0; n < 16; ++n) {
            if (w.strb >> n & 1) want[r.addr - kBase + 16 * k + n] = static_cast<std::uint8_t>(w.data[n / 4] >> 8 * (n % 4));
          }
          ++beats;
        }
      }
    }
    const auto busy = [&] {
      return !b.to_write[0].empty() || !b.to_write[1].empty() || !b.to_write[2].empty() || !b.dut.write_idle_o;
    };
    for (int i = 0; i < 400000 && busy(); ++i) b.clock();
    REQUIRE(!busy());
    REQUIRE(b.dut.cl_idle_o == 7);
    REQUIRE(b.writes.idle());
    REQUIRE(std::memcmp(want.data(), b.bytes, kBytes) == 0);
    REQUIRE(b.write_beats == beats);
    REQUIRE(b.write_errors[0] + b.write_errors[1] + b.write_errors[2] == 0);
  }
}

TEST_CASE("a client is idle only when its own writes are acknowledged") {
  Bench b(5, Stalls{0, 0, 0, 100, false}, 0);
  b.write_ranges[1].push_back({kBase, 4});
  for (int i = 0; i < 4; ++i) b.to_write[1].push_back({{1, 2, 3, 4}, 0xffff});
  for (int i = 0; i < 30; ++i) b.clock();
  REQUIRE(b.to_write[1].empty());
  REQUIRE(b.dut.cl_idle_o == 0b101);
  REQUIRE(!b.dut.write_idle_o);
  for (int i = 0; i < 120; ++i) b.clock();
  REQUIRE(b.dut.cl_idle_o == 0b111);
  REQUIRE(b.dut.write_idle_o);
}

TEST_CASE("long writes keep the data channel busy") {
  Bench b(6, Stalls{0, 0, 0, 40, false}, 0);
  b.write_ranges[0].push_back({kBase + 4096 - 80, 2048});
  for (int i = 0; i < 2048; ++i) b.to_write[0].push_back({{1, 2, 3, 4}, 0xffff});
  while (!b.to_write[0].empty()) b.clock();
  REQUIRE(b.cycles < 2048 + 20);
}

TEST_CASE("error responses name their client") {
  for (unsigned seed = 0; seed < 4; ++seed) {
    Bench b(30 + seed, kModes[2], 60);
    b.memory.fault(kBase + 0x8000, kBase + 0x8040);
    b.read_ranges[0].push_back({kBase, 10});
    b.read_ranges[1].push_back({kBase + 0x8000 - 32, 8});  // 4 of its beats fail
    b.write_ranges[2].push_back({kBase + 0x8010, 1});
    b.to_write[2].push_back({{9, 9, 9, 9}, 0xffff});
    b.write_ranges[0].push_back({kBase + 0x9000, 1});
    b.to_write[0].push_back({{9, 9, 9, 9}, 0xffff});
    b.write_ranges[1].push_back({kBase + kBytes, 1});  // DECERR
    b.to_write[1].push_back({{9, 9, 9, 9}, 0xffff});
    for (int i = 0; i < 1000; ++i) b.clock();
    REQUIRE(b.read_errors[0] == 0);
    REQUIRE(b.read_errors[1] == 4);
    REQUIRE(b.write_errors[0] == 0);
    REQUIRE(b.write_errors[1] == 1);
    REQUIRE(b.write_errors[2] == 1);
  }
}

TEST_CASE("after an abort at any moment the ports settle and serve new clients") {
  for (unsigned seed = 0; seed < 120; ++seed) {
    Bench b(100 + seed, kModes[seed % 5], seed % 2 ? 100 : 0);
    for (unsigned c = 0; c < 2; ++c) {
      for (int i = 0; i < 20; ++i) b.read_ranges[c].push_back(b.range());
    }
    for (unsigned c = 0; c < 3; ++c) {
      for (int i = 0; i < 20; ++i) {
        b.write_ranges[c].push_back(b.range());
        for (unsigned k = 0; k < b.write_ranges[c].back().beats; ++k) b.to_write[c].push_back({{7, 7, 7, 7}, 0xffff});
      }
    }
    for (std::uint64_t i = b.random() % 600; i > 0; --i) b.clock();
    b.dut.abort_i = 1;
    b.dut.client_rst_ni = 0;
    for (auto& r : b.read_ranges) r.clear();
    for (auto& r : b.received) r.clear();
    for (auto& r : b.write_ranges) r.clear();
    for (auto& w : b.to_write) w.clear();
    for (int i = 0; i < 4; ++i) b.clock();
    b.dut.abort_i = 0;
    b.dut.client_rst_ni = 1;
    if (seed % 3 != 0) {  // otherwise the next clients come while old answers are still due
      for (int i = 0; i < 20000 && !(b.dut.read_idle_o && b.dut.write_idle_o); ++i) b.clock();
      REQUIRE(b.dut.read_idle_o);
      REQUIRE(b.dut.write_idle_o);
      REQUIRE(b.writes.idle());
    }
    std::fill(b.bytes, b.bytes + 4096, std::uint8_t{0});
    b.read_ranges[1].push_back({kBase + 0x20000, 100});
    const std::vector<Beat> want = b.expected(b.read_ranges[1]);
    b.write_ranges[0].push_back({kBase, 70});
    for (unsigned i = 0; i < 70; ++i) b.to_write[0].push_back({{i, i, i, i}, 0x000f});
    for (int i = 0; i < 30000 && (b.received[1].size() < 100 || !b.to_write[0].empty() || !b.dut.write_idle_o); ++i) b.clock();
    REQUIRE(std::equal(want.begin(), want.end(), b.received[1].begin(), b.received[1].end()));
    for (unsigned i = 0; i < 70; ++i) REQUIRE(b.bytes[16 * i] == i);
  }
}

TEST_CASE("an abort over a dead memory leaves the address stable, and the memory may wake up later") {
  Bench b(9, Stalls{0, 0, 0, 4, true}, 0);
  b.read_ranges[0].push_back({kBase, 8});
  b.write_ranges[0].push_back({kBase + 0x100, 8});
  for (int i = 0; i < 8; ++i) b.to_write[0].push_back({{5, 5, 5, 5}, 0xffff});
  for (int i = 0; i < 20; ++i) b.clock();
  b.dut.abort_i = 1;
  b.dut.client_rst_ni = 0;
  b.to_write[0].clear();
  for (int i = 0; i < 4; ++i) b.clock();
  b.dut.abort_i = 0;
  b.dut.client_rst_ni = 1;
  for (int i = 0; i < 50; ++i) b.clock();
  REQUIRE(!b.dut.read_idle_o);
  REQUIRE(!b.dut.write_idle_o);
  b.reads.stalls().dead = b.writes.stalls().dead = false;
  b.read_ranges[1].push_back({kBase + 0x3000, 5});
  const std::vector<Beat> want = b.expected(b.read_ranges[1]);
  for (int i = 0; i < 200; ++i) b.clock();
  REQUIRE(std::equal(want.begin(), want.end(), b.received[1].begin(), b.received[1].end()));
  REQUIRE(b.received[0].empty());
  REQUIRE(b.dut.write_idle_o);
}
