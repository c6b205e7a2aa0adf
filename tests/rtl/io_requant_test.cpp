// SPDX-License-Identifier: Apache-2.0
// The io unit's requantiser against hls/requantize.hpp: random and extreme values, every shift, all three outputs.
#include <cstdint>
#include <deque>
#include <random>

#include "Vsquat_io_requant.h"
#include "hls/requantize.hpp"
#include "tests/catch.hpp"

namespace {
std::int32_t sample(std::mt19937& random) {
  constexpr std::int32_t kLimit = (1 << 26) - 1;
  switch (random() % 8) {
    case 0:
      return kLimit;
    case 1:
      return -kLimit;
    case 2:
      return static_cast<std::int32_t>(random() % 3) - 1;
    default:
      return static_cast<std::int32_t>(random() % (2U * kLimit + 1U)) - kLimit >> random() % 24;
  }
}
}  // namespace

TEST_CASE("lanes equal hls::requantize") {
  Vsquat_io_requant dut;
  std::mt19937 random(11);
  const auto clock = [&] {
    dut.clk_i = 0;
    dut.eval();
    dut.clk_i = 1;
    dut.eval();
  };
  dut.rst_ni = 0;
  clock();
  dut.rst_ni = 1;
  for (unsigned s = 1; s <= 46; ++s) {
    for (unsigned code = 0; code < 2; ++code) {
      const squat::hls::Requant r{s % 5 == 0 ? 0x1ffffU : 0x10000U + static_cast<std::uint32_t>(random() % 0x10000), s};
      dut.m_i = r.m;
      dut.s_i = static_cast<std::uint8_t>(s);
      dut.code_i = static_cast<std::uint8_t>(code);
      struct Vector {
        std::int32_t lane[16];
        bool eight;
      };
      std::deque<Vector> sent;
      for (int cycle = 0; cycle < 160; ++cycle) {
        const bool valid = cycle < 150 && random() % 3 != 0;
        dut.valid_i = valid;
        Vector v{};
        v.eight = random() % 2;
        dut.eight_i = v.eight;
        for (unsigned w = 0; w < 14; ++w) dut.acc_i[w] = 0;
        for (unsigned i = 0; i < 16; ++i) {
          // int32 results need |acc| * m < 2^31 * 2^s
          v.lane[i] = code ? sample(random) : static_cast<std::int8_t>(random());
          const std::uint64_t bits = static_cast<std::uint32_t>(v.lane[i]) & 0x7ffffffU;
          const unsigned at = 27 * i;
          dut.acc_i[at / 32] |= static_cast<std::uint32_t>(bits << at % 32);
          if (at % 32 + 27 > 32) dut.acc_i[at / 32 + 1] |= static_cast<std::uint32_t>(bits >> (32 - at % 32));
        }
        if (valid) sent.push_back(v);
        clock();
        if (!dut.valid_o) continue;
        REQUIRE(!sent.empty());
        for (unsigned i = 0; i < 16; ++i) {
          const std::int32_t acc = sent.front().lane[i];
          const std::int32_t want = code ? squat::hls::requantize_attention_code(acc, r, sent.front().eight)
                                         : squat::hls::requantize(acc, r, INT32_MIN, INT32_MAX);
          REQUIRE(static_cast<std::int32_t>(dut.value_o[i]) == want);
          REQUIRE((dut.byte_o[i / 4] >> 8 * (i % 4) & 0xff) == (static_cast<std::uint32_t>(want) & 0xff));
        }
        sent.pop_front();
      }
      REQUIRE(sent.empty());
    }
  }
}
