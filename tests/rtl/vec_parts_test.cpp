// SPDX-License-Identifier: Apache-2.0
// Parts of the vector unit against their hls/ twins: every mantissa of rsqrt and recip, every argument of exp2, a dense walk of
// sine; the three buffers.
#include <algorithm>
#include <cstdint>
#include <deque>
#include <random>
#include <utility>
#include <vector>

#include "Vvec_parts_tb.h"
#include "hls/rms_norm.hpp"
#include "hls/rope.hpp"
#include "hls/softmax.hpp"
#include "tests/catch.hpp"

namespace {

using squat::hls::NormScale;
using squat::hls::Reciprocal;

struct Bench {
  Vvec_parts_tb dut;
  Bench() {
    dut.rst_ni = 0;
    dut.valid_i = 0;
    tick();
    tick();
    dut.rst_ni = 1;
  }
  void tick() {
    dut.clk_i = 0;
    dut.eval();
    dut.clk_i = 1;
    dut.eval();
  }
};

}  // namespace

TEST_CASE("rsqrt equals its twin for every mantissa at every length") {
  Bench b;
  std::vector<std::uint64_t> sums = {0, 1, 2, 3, (std::uint64_t{1} << 46) - 1};
  for (std::uint64_t m = 1 << 16; m < 1 << 18; ++m) sums.push_back(m);  // every mantissa
  std::mt19937_64 random(1);
  for (int length = 1; length <= 46; ++length) {
    for (int i = 0; i < 2000; ++i) sums.push_back((random() | (std::uint64_t{1} << 63)) >> (64 - length));
  }
  std::deque<NormScale> expected;
  std::size_t wrong = 0;
  std::size_t answers = 0;
  for (std::size_t i = 0; i < sums.size() + 8; ++i) {
    const bool valid = i < sums.size();
    b.dut.valid_i = valid;
    if (valid) {
      b.dut.rsqrt_sum_i = sums[i];
      expected.push_back(squat::hls::norm_scale_of_sum(sums[i], 0));
    }
    b.tick();
    if (b.dut.rsqrt_valid_o) {
      ++answers;
      if (b.dut.rsqrt_r_o != expected.front().r || b.dut.rsqrt_k_o != static_cast<unsigned>(expected.front().k)) ++wrong;
      expected.pop_front();
    }
  }
  CHECK(answers == sums.size());
  CHECK(wrong == 0);
}

TEST_CASE("recip equals its twin for every mantissa") {
  Bench b;
  std::vector<std::uint64_t> sums;
  for (std::uint64_t m = 1 << 17; m < 1 << 18; ++m) sums.push_back(m << 3);
  std::mt19937_64 random(2);
  for (int length = 21; length <= 31; ++length) {
    for (int i = 0; i < 5000; ++i) sums.push_back((random() | (std::uint64_t{1} << 63)) >> (64 - length));
  }
  sums.push_back(std::uint64_t{1} << 30);  // 1024 equal keys
  std::deque<Reciprocal> expected;
  std::size_t wrong = 0;
  std::size_t answers = 0;
  for (std::size_t i = 0; i < sums.size() + 8; ++i) {
    const bool valid = i < sums.size();
    b.dut.valid_i = valid;
    if (valid) {
      b.dut.recip_sum_i = static_cast<std::uint32_t>(sums[i]);
      expected.push_back(squat::hls::reciprocal(sums[i]));
    }
    b.tick();
    if (b.dut.recip_valid_o) {
      ++answers;
      if (b.dut.recip_r_o != expected.front().r || b.dut.recip_n_o != static_cast<unsigned>(expected.front().n)) ++wrong;
      expected.pop_front();
    }
  }
  CHECK(answers == sums.size());
  CHECK(wrong == 0);
}

TEST_CASE("exp2 equals its twin for every argument") {
  Bench b;
  std::size_t wrong = 0;
  constexpr std::uint32_t kEnd = 31 << 12;
  for (std::uint32_t t = 0; t <= kEnd + 3; ++t) {
    b.dut.exp2_t_i = t <= kEnd ? t : 0;
    b.tick();
    if (t >= 3 && b.dut.exp2_e_o != squat::hls::exp2_negative(t - 3)) ++wrong;
  }
  CHECK(wrong == 0);
}

TEST_CASE("sine equals its twin on a dense walk and at the quarter turns") {
  Bench b;
  std::vector<std::uint32_t> phases;
  for (std::uint32_t i = 0; i < (1U << 20); ++i) phases.push_back((i << 12) + (i * 2654435761U >> 20));
  for (std::uint32_t quarter = 0; quarter < 4; ++quarter) {
    for (std::uint32_t i = 0; i < 4096; ++i) phases.push_back((quarter << 30) + i - 2048U);
  }
  std::size_t wrong = 0;
  for (std::size_t i = 0; i < phases.size() + 3; ++i) {
    b.dut.sine_phase_i = i < phases.size() ? phases[i] : 0;
    b.tick();
    if (i >= 3 && static_cast<std::int16_t>(b.dut.sine_o) != squat::hls::sine(phases[i - 3])) ++wrong;
  }
  CHECK(wrong == 0);
}

namespace {

using Values = std::vector<std::uint32_t>;

/// Lane `lane` of `bits` bits.
template <typename Port>
std::uint32_t lane_of(const Port& port, unsigned lane, unsigned bits) {
  std::uint32_t v = 0;
  for (unsigned b = 0; b < bits; ++b) v |= ((port[(lane * bits + b) / 32] >> ((lane * bits + b) % 32)) & 1U) << b;
  return v;
}

}  // namespace

TEST_CASE("parameter, bias and RoPE buffers keep what was written and answer in time") {
  Bench b;
  std::mt19937 random(3);
  const std::vector<std::size_t> sizes = {128, 128, 1024, 4};  // gain, beta, bias, RoPE steps
  std::vector<std::vector<Values>> params;
  for (const std::size_t size : sizes) params.emplace_back(size, Values(16));
  std::vector<Values> pairs(1024, Values(8));
  // All buffers in one random order: a write to one leaves the others alone.
  std::vector<std::pair<unsigned, unsigned>> order;
  for (unsigned buffer = 0; buffer < 4; ++buffer) {
    for (unsigned word = 0; word < sizes[buffer]; ++word) order.emplace_back(buffer, word);
  }
  std::shuffle(order.begin(), order.end(), random);
  for (const auto& [buffer, word] : order) {
    b.dut.par_wr_valid_i = 1;
    b.dut.par_wr_buffer_i = static_cast<std::uint8_t>(buffer);
    b.dut.par_wr_word_i = static_cast<std::uint16_t>(word);
    for (unsigned i = 0; i < 16; ++i) b.dut.par_wr_data_i[i] = params[buffer][word][i] = static_cast<std::uint32_t>(random());
    b.tick();
  }
  b.dut.par_wr_valid_i = 0;
  for (std::uint32_t i = 0; i < 8192; ++i) {
    const std::uint32_t address = (i * 5 + 3) % 8192;
    b.dut.rope_wr_valid_i = 1;
    b.dut.rope_wr_addr_i = static_cast<std::uint16_t>(address / 8);
    b.dut.rope_wr_lane_i = address % 8;
    b.dut.rope_wr_data_i = pairs[address / 8][address % 8] = static_cast<std::uint32_t>(random());
    b.tick();
  }
  b.dut.rope_wr_valid_i = 0;
  struct Request {
    bool gain = false, beta = false, step = false, rope = false;
    std::uint8_t gain_addr = 0, step_addr = 0;
    std::uint16_t rope_addr = 0;
  };
  std::deque<Request> flight(1);
  std::size_t wrong = 0;
  int bias_held = -1;
  for (int i = 0; i < 5000; ++i) {
    Request r;
    r.gain = random() % 2;
    r.beta = random() % 2;
    r.step = random() % 2;
    r.rope = random() % 2;
    b.dut.gain_en_i = r.gain;
    b.dut.beta_en_i = r.beta;
    b.dut.step_en_i = r.step;
    b.dut.rope_en_i = r.rope;
    b.dut.gain_addr_i = r.gain_addr = static_cast<std::uint8_t>(random() % 128);
    b.dut.step_addr_i = r.step_addr = static_cast<std::uint8_t>(random() % 4);
    b.dut.rope_addr_i = r.rope_addr = static_cast<std::uint16_t>(random() % 1024);
    b.dut.bias_en_i = random() % 2;
    b.dut.bias_addr_i = static_cast<std::uint16_t>(random() % 1024);
    if (b.dut.bias_en_i) bias_held = b.dut.bias_addr_i;
    b.tick();
    flight.push_back(r);
    const Request due = flight.front();  // asked two clock edges ago
    flight.pop_front();
    for (unsigned l = 0; l < 16; ++l) {
      if (due.gain && lane_of(b.dut.gain_data_o, l, 18) != (params[0][due.gain_addr][l] & 0x3ffffU)) ++wrong;
      if (due.beta && lane_of(b.dut.beta_data_o, l, 24) != (params[1][due.gain_addr][l] & 0xffffffU)) ++wrong;
      if (due.step && b.dut.step_data_o[l] != params[3][due.step_addr][l]) ++wrong;
      if (l < 8 && due.rope && b.dut.rope_data_o[l] != pairs[due.rope_addr][l]) ++wrong;
      // One edge after it was asked, and until it is asked for another word.
      if (bias_held >= 0 &&
          lane_of(b.dut.bias_data_o, l, 27) != (params[2][static_cast<std::size_t>(bias_held)][l] & 0x7ffffffU))
        ++wrong;
    }
  }
  CHECK(wrong == 0);
}
