// SPDX-License-Identifier: Apache-2.0
#include "hls/requantize.hpp"

#include <cstdint>
#include <random>

#include "hls/bits.hpp"
#include "tests/catch.hpp"
#include "tests/oracle/exact.hpp"

using squat::hls::Requant;
namespace oracle = squat::oracle;

namespace {

/// Compares every form of requantisation for one input; returns the number of differences.
int differences(std::int64_t acc, Requant r) {
  const int s = static_cast<int>(r.s);
  int bad = 0;
  bad += squat::hls::requantize(acc, r, -32768, 32767) != oracle::requantize(acc, r.m, s, -32768, 32767) ? 1 : 0;
  for (const bool eight : {false, true}) {
    bad += squat::hls::requantize_code(acc, r, eight) != oracle::requantize_code(acc, r.m, s, eight, -128) ? 1 : 0;
    bad += squat::hls::requantize_attention_code(acc, r, eight) != oracle::requantize_code(acc, r.m, s, eight, -127) ? 1 : 0;
  }
  return bad;
}

}  // namespace

TEST_CASE("requantisation equals division with remainder", "[requantize]") {
  std::mt19937_64 random(1);
  int bad = 0;
  for (int i = 0; i < 300000; ++i) {
    const Requant r{static_cast<std::uint32_t>(65536 + random() % 65536), static_cast<std::uint32_t>(1 + random() % 46)};
    const int bits = static_cast<int>(random() % 27);
    const std::int64_t acc =
        static_cast<std::int64_t>(random() % ((std::uint64_t{2} << bits) - 1)) - ((std::int64_t{1} << bits) - 1);
    bad += differences(acc, r);
  }
  CHECK(bad == 0);
}

TEST_CASE("requantisation at ties and at the ends of its ranges", "[requantize]") {
  int bad = 0;
  for (const std::uint32_t m : {0U, 65536U, 65537U, 131071U}) {
    for (std::uint32_t s = 1; s <= 46; ++s) {
      for (const std::int64_t acc : {-67108864LL, -67108863LL, -3LL, -1LL, 0LL, 1LL, 3LL, 67108863LL})
        bad += differences(acc, {m, s});
      // Accumulators around exact halves of the output grid.
      for (std::int64_t half = -300; half <= 300 && s > 17; ++half)
        bad += differences(half * (std::int64_t{1} << (s - 17)), {m, s});
    }
  }
  CHECK(bad == 0);
  CHECK(squat::hls::requantize(1, {65536, 17}, -8, 7) == 1);   // 0.5 rounds up
  CHECK(squat::hls::requantize(-1, {65536, 17}, -8, 7) == 0);  // -0.5 rounds up
}

TEST_CASE("a 4-bit code is rounded once", "[requantize]") {
  // 59.6 on the 8-bit grid: 60, which would round to 8 * 8; from the accumulator 7.45 rounds to 7.
  const Requant r{65536, 16};
  CHECK(squat::hls::requantize_code(60, r, false) == 56);
  const Requant tenth = {104858, 20};  // 0.1
  CHECK(squat::hls::requantize_code(596, tenth, true) == 60);
  CHECK(squat::hls::requantize_code(596, tenth, false) == 56);
  CHECK(squat::hls::requantize_code(-10000, tenth, false) == -64);
}

TEST_CASE("residual addition keeps the low 32 bits", "[requantize]") {
  CHECK(squat::hls::add_residual(5, -3, {65536, 16}) == 2);
  CHECK(squat::hls::add_residual(5, -3, {65536, 17}) == 4);  // -1.5 rounds to -1
  CHECK(squat::hls::add_residual(INT32_MAX, 1, {65536, 16}) == INT32_MIN);
}

TEST_CASE("bit length", "[bits]") {
  for (int i = 0; i < 64; ++i) {
    const std::uint64_t power = std::uint64_t{1} << i;
    CHECK(squat::hls::bit_length(power) == i + 1);
    CHECK(squat::hls::bit_length(power - 1) == i);
  }
}
