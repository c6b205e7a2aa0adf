// SPDX-License-Identifier: Apache-2.0
// Activation memory under random traffic against a map of (slot, column) codes; built twice, with the hardware's banks and with
// the simulator's words (asram.cmake), which must behave alike.
#include <array>
#include <cstdint>
#include <deque>
#include <random>
#include <vector>

#include "Vsquat_asram.h"
#include "tests/catch.hpp"

namespace {

constexpr std::uint32_t kDepth = 256;  // -GDepth in asram.cmake
using Bytes = std::array<std::uint8_t, 16>;

struct Write {
  bool valid = false;
  std::uint32_t half = 0, addr = 0, rot = 0, mask = 0;
  Bytes data{};
};

struct Read {
  bool valid = false;
  std::uint32_t half = 0, addr = 0, rot = 0;
};

struct Returned {
  int cycle;
  Bytes data;
};

/// Banks as the document describes them.
struct Model {
  std::vector<std::uint8_t> code = std::vector<std::uint8_t>(2 * 16 * kDepth, 0);
  std::uint8_t& at(std::uint32_t half, std::uint32_t bank, std::uint32_t addr) {
    return code[(half * 16 + bank % 16) * kDepth + addr % kDepth];
  }
  Bytes read(std::uint32_t half, std::uint32_t addr, std::uint32_t rot) {
    Bytes result{};
    for (std::uint32_t r = 0; r < 16; ++r) result[r] = at(half, rot + r, addr);
    return result;
  }
  void write(const Write& w) {
    for (std::uint32_t i = 0; i < 16; ++i) {
      if ((w.mask >> i) & 1U) at(w.half, w.rot + i, w.addr + i) = w.data[i];
    }
  }
};

Bytes bytes_of(const VlWide<4>& port) {
  Bytes result{};
  for (unsigned i = 0; i < 16; ++i) result[i] = static_cast<std::uint8_t>(port[i / 4] >> (8 * (i % 4)));
  return result;
}

struct Bench {
  Vsquat_asram dut;
  Model model;
  std::mt19937 rng{11};
  std::deque<Returned> even, odd, io;
  int cycle = 0;

  Bench() {
    dut.clk_i = 0;
    dut.rst_ni = 0;
    dut.ard_en_i = dut.wr_valid_i = dut.rd_valid_i = 0;
    for (int i = 0; i < 6; ++i) {
      dut.clk_i = !dut.clk_i;
      dut.eval();
    }
    dut.rst_ni = 1;
  }

  /// One cycle; returns which of post write, io read, vec write were granted.
  std::array<bool, 3> step(bool array, std::uint32_t addr_e, std::uint32_t addr_o, std::uint32_t rot, const Write& post,
                           const Read& read, const Write& vec) {
    dut.ard_en_i = array;
    dut.ard_addr_e_i = static_cast<std::uint8_t>(addr_e);
    dut.ard_addr_o_i = static_cast<std::uint8_t>(addr_o);
    dut.ard_rot_i = static_cast<std::uint8_t>(rot);
    dut.wr_valid_i = static_cast<std::uint8_t>((post.valid ? 1 : 0) | (vec.valid ? 2 : 0));
    dut.wr_half_i = static_cast<std::uint8_t>(post.half | vec.half << 1);
    dut.wr_addr_i = static_cast<std::uint16_t>(post.addr | vec.addr << 8);
    dut.wr_rot_i = static_cast<std::uint8_t>(post.rot | vec.rot << 4);
    dut.wr_mask_i = post.mask | vec.mask << 16;
    for (unsigned i = 0; i < 8; ++i) dut.wr_data_i[i] = 0;
    for (unsigned i = 0; i < 16; ++i) {
      dut.wr_data_i[i / 4] |= std::uint32_t{post.data[i]} << (8 * (i % 4));
      dut.wr_data_i[4 + i / 4] |= std::uint32_t{vec.data[i]} << (8 * (i % 4));
    }
    dut.rd_valid_i = read.valid;
    dut.rd_half_i = static_cast<std::uint8_t>(read.half);
    dut.rd_addr_i = static_cast<std::uint8_t>(read.addr);
    dut.rd_rot_i = static_cast<std::uint8_t>(read.rot);
    dut.eval();
    const std::array<bool, 3> granted = {post.valid && (dut.wr_ready_o & 1) != 0, read.valid && dut.rd_ready_o != 0,
                                         vec.valid && (dut.wr_ready_o & 2) != 0};
    check_port(even, dut.ard_e_o);
    check_port(odd, dut.ard_o_o);
    const bool due = !io.empty() && io.front().cycle == cycle;
    REQUIRE((dut.rd_rvalid_o != 0) == due);
    check_port(io, dut.rd_data_o);
    if (array) {
      even.push_back({cycle + 2, model.read(0, addr_e, rot)});
      odd.push_back({cycle + 2, model.read(1, addr_o, rot)});
    }
    if (granted[1]) io.push_back({cycle + 2, model.read(read.half, read.addr, read.rot)});
    if (granted[0]) model.write(post);
    if (granted[2]) model.write(vec);
    dut.clk_i = 1;
    dut.eval();
    dut.clk_i = 0;
    dut.eval();
    ++cycle;
    return granted;
  }

  void check_port(std::deque<Returned>& expected, const VlWide<4>& port) const {
    if (expected.empty() || expected.front().cycle != cycle) return;
    REQUIRE(bytes_of(port) == expected.front().data);
    expected.pop_front();
  }

  Write random_write() {
    Write w{true,
            static_cast<std::uint32_t>(rng() % 2),
            static_cast<std::uint32_t>(rng() % kDepth),
            static_cast<std::uint32_t>(rng() % 16),
            0xffff,
            {}};
    if (rng() % 2 == 0) w.mask = rng() % 2 == 0 ? 0x00ff : static_cast<std::uint32_t>(rng() & 0xffff);
    for (auto& byte : w.data) byte = static_cast<std::uint8_t>(rng());
    return w;
  }

  void clear() {
    for (std::uint32_t half = 0; half < 2; ++half) {
      for (std::uint32_t addr = 0; addr < kDepth; addr += 16) {
        for (std::uint32_t slot = 0; slot < 16; ++slot) {
          step(false, 0, 0, 0, Write{true, half, addr, slot, 0xffff, {}}, Read{}, Write{});
        }
      }
    }
  }
};

}  // namespace

TEST_CASE("asram random traffic matches the banks", "[rtl][asram]") {
  Bench bench;
  bench.clear();
  Write post, vec;
  Read read;
  int grants[3] = {};
  for (int i = 0; i < 30000; ++i) {
    if (!post.valid && bench.rng() % 3 == 0) post = bench.random_write();
    if (!vec.valid && bench.rng() % 2 == 0) vec = bench.random_write();
    if (!read.valid && bench.rng() % 3 == 0) {
      read = {true, static_cast<std::uint32_t>(bench.rng() % 2), static_cast<std::uint32_t>(bench.rng() % kDepth),
              static_cast<std::uint32_t>(bench.rng() % 16)};
    }
    const bool array = bench.rng() % 4 != 0;
    const auto granted =
        bench.step(array, static_cast<std::uint32_t>(bench.rng() % kDepth), static_cast<std::uint32_t>(bench.rng() % kDepth),
                   static_cast<std::uint32_t>(bench.rng() % 16), post, read, vec);
    REQUIRE(granted[0] == post.valid);
    REQUIRE(granted[1] == (read.valid && !post.valid));
    REQUIRE(granted[2] == (vec.valid && !read.valid && !post.valid));
    if (granted[0]) post.valid = false;
    if (granted[1]) read.valid = false;
    if (granted[2]) vec.valid = false;
    for (int g = 0; g < 3; ++g) grants[g] += granted[static_cast<std::size_t>(g)] ? 1 : 0;
  }
  for (int g = 0; g < 3; ++g) REQUIRE(grants[g] > 2000);
}

TEST_CASE("asram turns token-major writes into column reads", "[rtl][asram]") {
  Bench bench;
  const std::uint32_t stride = 64, base = 32;
  std::array<std::array<std::uint8_t, 64>, 48> code{};
  for (std::uint32_t slot = 0; slot < 48; ++slot) {
    for (std::uint32_t column = 0; column < 64; column += 16) {
      Write w{true, (slot / 16) & 1U, base + (slot / 32) * stride + column, (slot + column) % 16, 0xffff, {}};
      for (std::uint32_t i = 0; i < 16; ++i) code[slot][column + i] = w.data[i] = static_cast<std::uint8_t>(bench.rng());
      bench.step(false, 0, 0, 0, w, Read{}, Write{});
    }
  }
  for (std::uint32_t column = 0; column < 64; ++column) {
    bench.step(true, base + stride + column, base + column, column % 16, Write{}, Read{}, Write{});
    bench.step(false, 0, 0, 0, Write{}, Read{}, Write{});
    const Bytes even = bytes_of(bench.dut.ard_e_o), odd = bytes_of(bench.dut.ard_o_o);
    for (std::uint32_t r = 0; r < 16; ++r) {
      REQUIRE(even[r] == code[32 + r][column]);
      REQUIRE(odd[r] == code[16 + r][column]);
    }
    bench.step(false, 0, 0, 0, Write{}, Read{}, Write{});
  }
}
