// SPDX-License-Identifier: Apache-2.0
// squat_dsp with its operand registers against plain integers: random enables, extreme operands, sums over many products.
#include <cstdint>
#include <random>

#include "Vsquat_dsp.h"
#include "tests/catch.hpp"

namespace {

constexpr std::int64_t kAMax = (1 << 26) - 1, kBMax = (1 << 17) - 1;

/// What a 48-bit register keeps of a sum.
std::int64_t wrap48(std::int64_t v) { return static_cast<std::int64_t>(static_cast<std::uint64_t>(v) << 16) >> 16; }

/// Uniform, or in one case of four an extreme.
std::int64_t draw(std::mt19937_64& random, std::int64_t max) {
  const std::uint64_t r = random();
  if (r % 4 == 0) return r & 4 ? max : -max - 1;
  return static_cast<std::int64_t>((r >> 3) % static_cast<std::uint64_t>(2 * max + 2)) - max - 1;
}

}  // namespace

TEST_CASE("dsp: operands, product and sum move under their own enables") {
  std::mt19937_64 random(5);
  Vsquat_dsp dut;
  std::int64_t a = 0, b = 0, m = 0, p = 0;
  int filled = 0;  // stages with a known value
  for (int cycle = 0; cycle < 50000; ++cycle) {
    const bool fill = filled < 3;
    const std::int64_t a_in = draw(random, kAMax), b_in = draw(random, kBMax);
    dut.ce_ab_i = fill || random() % 4 != 0;
    dut.ce_m_i = fill || random() % 4 != 0;
    dut.ce_p_i = fill || random() % 4 != 0;
    dut.restart_i = fill || random() % 8 == 0;
    dut.a_i = static_cast<std::uint32_t>(a_in) & 0x7ffffff;
    dut.b_i = static_cast<std::uint32_t>(b_in) & 0x3ffff;
    dut.clk_i = 0;
    dut.eval();
    dut.clk_i = 1;
    dut.eval();
    if (dut.ce_p_i) p = wrap48((dut.restart_i ? 0 : p) + m);
    if (dut.ce_m_i) m = a * b;
    if (dut.ce_ab_i) a = a_in, b = b_in;
    filled += fill;
    if (fill) continue;
    const std::int64_t got = wrap48(static_cast<std::int64_t>(dut.p_o));
    if (got != p) INFO("cycle " << cycle);
    REQUIRE(got == p);
  }
}
