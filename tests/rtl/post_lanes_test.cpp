// SPDX-License-Identifier: Apache-2.0
// The lanes of post-processing against their hls twins: every gate value for every number of fraction bits; requantisation at
// ties, clamps and all shifts.
#include <array>
#include <cstdint>
#include <deque>
#include <memory>
#include <random>

#include "Vsquat_post_gate.h"
#include "Vsquat_post_requant.h"
#include "hls/gated.hpp"
#include "hls/requantize.hpp"
#include "tests/catch.hpp"

namespace squat::test {
namespace {

template <typename Dut>
void clock(Dut& dut) {
  dut.clk_i = 1;
  dut.eval();
  dut.clk_i = 0;
  dut.eval();
}

template <typename Dut>
void reset(Dut& dut) {
  dut.clk_i = dut.rst_ni = dut.valid_i = 0;
  for (int i = 0; i < 8; ++i) clock(dut);
  dut.rst_ni = 1;
}

constexpr unsigned kGateLanes = 8;

std::int32_t lane14(const VlWide<4>& port, unsigned lane) {
  std::uint32_t v = 0;
  for (unsigned b = 0; b < 14; ++b) v |= ((port[(14 * lane + b) / 32] >> ((14 * lane + b) % 32)) & 1U) << b;
  return static_cast<std::int32_t>(v << 18) >> 18;
}

}  // namespace

TEST_CASE("SiLU and GELU lanes equal the twin for every input", "[rtl][post]") {
  const bool gelu = GENERATE(false, true);
  const auto dut = std::make_unique<Vsquat_post_gate>();
  dut->gelu_i = gelu;
  std::mt19937 rng(1);
  reset(*dut);
  for (int frac = 6; frac <= 9; ++frac) {
    dut->frac_i = static_cast<std::uint8_t>(frac);
    std::int32_t next = hls::kGateMin, expected = hls::kGateMin;
    std::deque<bool> pipeline(3, false);
    while (expected <= hls::kGateMax) {
      const bool send = next <= hls::kGateMax && rng() % 4 != 0;
      dut->valid_i = send;
      for (unsigned i = 0; i < 4; ++i) dut->g_i[i] = 0;
      for (unsigned i = 0; i < kGateLanes; ++i) {
        const auto g = static_cast<std::uint32_t>(send ? next + static_cast<int>(i) : static_cast<int>(rng() % 16384));
        for (unsigned b = 0; b < 14; ++b) dut->g_i[(14 * i + b) / 32] |= ((g >> b) & 1U) << ((14 * i + b) % 32);
      }
      if (send) next += kGateLanes;
      clock(*dut);
      pipeline.push_back(send);
      REQUIRE((dut->valid_o != 0) == pipeline.front());
      pipeline.pop_front();
      if (dut->valid_o == 0) continue;
      for (unsigned i = 0; i < kGateLanes; ++i, ++expected)
        REQUIRE(lane14(dut->gate_o, i) == (gelu ? hls::gelu(expected, frac) : hls::silu(expected, frac)));
    }
    dut->valid_i = 0;
  }
}

TEST_CASE("requantisation lanes equal the twin", "[rtl][post]") {
  struct Beat {
    bool eight;
    std::array<std::int32_t, 16> x;
  };
  const auto dut = std::make_unique<Vsquat_post_requant>();
  std::mt19937 rng(2);
  reset(*dut);
  for (std::uint32_t s = 1; s <= 46; ++s) {
    for (const std::int64_t max : {std::int64_t{0}, std::int64_t{8191}, std::int64_t{32767}, std::int64_t{INT32_MAX}}) {
      const bool code = max == 0;
      const std::uint32_t s_odd = 1 + static_cast<std::uint32_t>(rng() % 46);
      const hls::Requant even{rng() % 3 == 0 ? 65536U : 65536U + static_cast<std::uint32_t>(rng() % 65536), s};
      const hls::Requant odd{rng() % 8 == 0 ? 0U : 65536U + static_cast<std::uint32_t>(rng() % 65536), s_odd};
      dut->m_even_i = even.m;
      dut->s_even_i = static_cast<std::uint8_t>(even.s);
      dut->m_odd_i = odd.m;
      dut->s_odd_i = static_cast<std::uint8_t>(odd.s);
      dut->code_i = code;
      dut->max_i = static_cast<std::uint32_t>(max);
      std::deque<Beat> beats;
      for (int cycle = 0; cycle < 40; ++cycle) {
        const bool send = cycle < 36 && rng() % 4 != 0;
        Beat beat{rng() % 2 == 0, {}};
        for (unsigned i = 0; i < 16; ++i) {
          // Full range; near the clamps and ties of this shift; small.
          const auto kind = rng() % 4;
          const std::int64_t unit = std::int64_t{1} << (s > 17 ? s - 17 : 0);
          const std::int64_t v = kind == 0   ? static_cast<std::int64_t>(rng() % (1U << 27)) - (1 << 26)
                                 : kind == 1 ? unit * (static_cast<std::int64_t>(rng() % 600) - 300)
                                 : kind == 2 ? unit * 128 * (rng() % 2 == 0 ? 1 : -1) + static_cast<std::int64_t>(rng() % 9) - 4
                                             : static_cast<std::int64_t>(rng() % 64) - 32;
          beat.x[i] = static_cast<std::int32_t>(hls::clamp64(v, -(1 << 26), (1 << 26) - 1));
          dut->x_i[i] = static_cast<std::uint32_t>(beat.x[i]);
        }
        dut->valid_i = send;
        dut->eight_i = beat.eight;
        if (send) beats.push_back(beat);
        clock(*dut);
        if (dut->valid_o == 0) continue;
        REQUIRE_FALSE(beats.empty());
        REQUIRE((dut->eight_o != 0) == beats.front().eight);
        for (unsigned i = 0; i < 16; ++i) {
          const hls::Requant r = i % 2 == 0 ? even : odd;
          const std::int32_t want = code ? hls::requantize_code(beats.front().x[i], r, beats.front().eight)
                                         : hls::requantize(beats.front().x[i], r, static_cast<std::int32_t>(-max - 1),
                                                           static_cast<std::int32_t>(max));
          REQUIRE(static_cast<std::int32_t>(dut->y_o[i]) == want);
        }
        beats.pop_front();
      }
      REQUIRE(beats.empty());
    }
  }
}

}  // namespace squat::test
