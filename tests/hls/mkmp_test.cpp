// SPDX-License-Identifier: Apache-2.0
// The packed multiplier alone: every product in every lane, and sums of one period at all extremes.
#include "hls/mkmp.hpp"

#include <array>
#include <cstdint>
#include <random>
#include <vector>

#include "tests/catch.hpp"

namespace hls = squat::hls;
using hls::MkmpMode;

namespace {

/// Operands of one step: two stationary values, and one activation (a1 unused) or two.
struct Step {
  int w0, w1, a0, a1;
};

struct Range {
  int weight_low, weight_high, code_low, code_high;
};

Range range_of(MkmpMode mode) {
  switch (mode) {
    case MkmpMode::kW4A8:
      return {-8, 7, -128, 127};
    case MkmpMode::kW4A4:
      return {-8, 7, -8, 7};
    case MkmpMode::kW8Signed:
      return {-127, 127, -128, 127};
    default:
      return {-127, 127, 0, 255};
  }
}

constexpr MkmpMode kModes[] = {MkmpMode::kW4A8, MkmpMode::kW4A4, MkmpMode::kW8Signed, MkmpMode::kW8Unsigned};

/// Runs steps through the packed multiplier and compares every field with the plain sums.
bool exact(MkmpMode mode, const std::vector<Step>& steps) {
  const bool four = mode == MkmpMode::kW4A8 || mode == MkmpMode::kW4A4;
  const bool pair = mode == MkmpMode::kW4A4;
  std::int64_t p = 0;
  std::int64_t plain[4] = {0, 0, 0, 0};
  for (const Step& s : steps) {
    const std::int32_t a27 = four ? hls::pack_w4(s.w1, s.w0) : hls::pack_w8(s.w1, s.w0);
    const std::int32_t b18 = pair ? hls::pack_a44(s.a1, s.a0) : hls::pack_a8(s.a0);
    if (!hls::fits_signed(a27, 27) || !hls::fits_signed(b18, 18)) return false;
    p = hls::mkmp_step(p, a27, b18);
    plain[0] += s.w0 * s.a0;
    plain[1] += pair ? s.w0 * s.a1 : s.w1 * s.a0;
    plain[2] += pair ? s.w1 * s.a0 : 0;
    plain[3] += pair ? s.w1 * s.a1 : 0;
  }
  const hls::MkmpSums sums = hls::mkmp_split(mode, p);
  for (int f = 0; f < 4; ++f) {
    if (sums.sum[f] != plain[f]) return false;
  }
  return true;
}

}  // namespace

TEST_CASE("every packed product in every lane", "[mkmp]") {
  for (const MkmpMode mode : kModes) {
    const Range r = range_of(mode);
    const bool pair = mode == MkmpMode::kW4A4;
    std::uint64_t bad = 0;
    std::vector<Step> step(1);
    for (int w0 = r.weight_low; w0 <= r.weight_high; ++w0) {
      for (int w1 = r.weight_low; w1 <= r.weight_high; ++w1) {
        for (int a0 = r.code_low; a0 <= r.code_high; ++a0) {
          for (int a1 = pair ? r.code_low : 0; a1 <= (pair ? r.code_high : 0); ++a1) {
            step[0] = {w0, w1, a0, a1};
            bad += exact(mode, step) ? 0U : 1U;
          }
        }
      }
    }
    INFO("mode " << static_cast<int>(mode));
    CHECK(bad == 0);
  }
}

TEST_CASE("sums of one period at all extremes", "[mkmp]") {
  for (const MkmpMode mode : kModes) {
    const Range r = range_of(mode);
    const std::array<int, 4> weights = {r.weight_low, r.weight_high, 0, -1};
    const std::array<int, 4> codes = {r.code_low, r.code_high, 0, 1};
    int bad = 0;
    for (int extremes = 0; extremes < 256; ++extremes) {
      const auto pick = [&](int shift) { return static_cast<std::size_t>((extremes >> shift) & 3); };
      const Step s{weights[pick(0)], weights[pick(2)], codes[pick(4)], codes[pick(6)]};
      bad += exact(mode, std::vector<Step>(hls::kExtractPeriod, s)) ? 0 : 1;
    }
    std::mt19937 random(8);
    for (int i = 0; i < 200000; ++i) {
      std::vector<Step> steps(hls::kExtractPeriod);
      for (Step& s : steps) s = {weights[random() % 4], weights[random() % 4], codes[random() % 4], codes[random() % 4]};
      bad += exact(mode, steps) ? 0 : 1;
    }
    INFO("mode " << static_cast<int>(mode));
    CHECK(bad == 0);
  }
}

TEST_CASE("longer periods fail: the bounds are not idle", "[mkmp]") {
  const Step signed_extreme{-128, 0, -128, 0};  // full-range 8x8
  CHECK(exact(MkmpMode::kW8Signed, std::vector<Step>(15, signed_extreme)));
  CHECK_FALSE(exact(MkmpMode::kW8Signed, std::vector<Step>(17, signed_extreme)));
  CHECK_FALSE(exact(MkmpMode::kW8Unsigned, std::vector<Step>(9, Step{-127, 0, 255, 0})));
  CHECK(exact(MkmpMode::kW4A4, std::vector<Step>(15, Step{-8, 0, -8, 0})));
  CHECK_FALSE(exact(MkmpMode::kW4A4, std::vector<Step>(16, Step{-8, 0, -8, 0})));
  CHECK(exact(MkmpMode::kW4A8, std::vector<Step>(2047, Step{-8, -8, -128, 0})));
  CHECK_FALSE(exact(MkmpMode::kW4A8, std::vector<Step>(2048, Step{-8, 0, -128, 0})));
  // Two full-range stationary values leave the 27-bit port.
  CHECK_FALSE(exact(MkmpMode::kW8Signed, {Step{-1, -128, 1, 0}}));
}
