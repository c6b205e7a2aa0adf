// SPDX-License-Identifier: Apache-2.0
#include "hls/gated.hpp"

#include <cmath>
#include <cstdint>
#include <random>

#include "tests/catch.hpp"
#include "tests/oracle/exact.hpp"
#include "tests/oracle/ideal.hpp"

namespace hls = squat::hls;
using squat::oracle::UnitError;

namespace {

template <typename Unit, typename Ideal>
UnitError exhaustive(Unit unit, Ideal ideal, int frac) {
  UnitError error;
  for (std::int32_t g = hls::kGateMin; g <= hls::kGateMax; ++g)
    error.add(unit(g, frac), std::ldexp(ideal(std::ldexp(g, -frac)), frac));
  return error;
}

}  // namespace

TEST_CASE("SiLU and GELU for every input", "[gated]") {
  for (int frac = 6; frac <= 9; ++frac) {
    const UnitError silu = exhaustive(hls::silu, squat::oracle::sigmoid_linear, frac);
    const UnitError gelu = exhaustive(hls::gelu, squat::oracle::gelu_tanh, frac);
    INFO("frac " << frac << ": silu largest " << silu.largest() << ", different " << silu.share_different() << "; gelu largest "
                 << gelu.largest() << ", above one " << gelu.share_above_one() << ", different " << gelu.share_different());
    CHECK(silu.within_criterion());
    CHECK(silu.largest() <= 1.0);
    CHECK(gelu.within_criterion());
    CHECK(hls::silu(0, frac) == 0);
    CHECK(hls::gelu(0, frac) == 0);
  }
}

TEST_CASE("the product of gate and up is requantised exactly", "[gated]") {
  std::mt19937_64 random(7);
  int bad = 0;
  for (int i = 0; i < 100000; ++i) {
    const std::int32_t g = static_cast<std::int32_t>(random() % 16384) - 8192;
    const std::int32_t u = static_cast<std::int32_t>(random() % 16384) - 8192;
    const int frac = 6 + static_cast<int>(random() % 4);
    const hls::Requant r{static_cast<std::uint32_t>(65536 + random() % 65536), static_cast<std::uint32_t>(20 + random() % 20)};
    const bool eight = random() % 2 == 0;
    const std::int64_t product = std::int64_t{hls::silu(g, frac)} * u;
    const auto expected = squat::oracle::requantize_code(product, r.m, static_cast<int>(r.s), eight, -128);
    bad += hls::silu_mul(g, u, frac, r, eight) != expected ? 1 : 0;
  }
  CHECK(bad == 0);
}
