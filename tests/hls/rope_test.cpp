// SPDX-License-Identifier: Apache-2.0
#include "hls/rope.hpp"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <random>

#include "hls/requantize.hpp"
#include "tests/catch.hpp"
#include "tests/oracle/ideal.hpp"

namespace hls = squat::hls;
using squat::oracle::UnitError;

namespace {

const double kTurn = 2.0 * std::acos(-1.0);

double frequency(int pair, int head_dim) { return std::pow(10000.0, -2.0 * pair / head_dim); }

std::uint32_t step_of(int pair, int head_dim) {
  return static_cast<std::uint32_t>(std::llround(frequency(pair, head_dim) / kTurn * std::ldexp(1.0, 32)));
}

}  // namespace

TEST_CASE("sine against libm over the whole turn", "[rope]") {
  UnitError error;
  for (std::uint64_t phase = 0; phase < (std::uint64_t{1} << 32); phase += 1009) {
    error.add(hls::sine(static_cast<std::uint32_t>(phase)),
              16384.0 * std::sin(std::ldexp(static_cast<double>(phase), -32) * kTurn));
  }
  INFO("largest " << error.largest() << ", different " << error.share_different());
  CHECK(error.largest() < 0.58);
  CHECK(error.share_different() < 0.05);
}

TEST_CASE("sine is odd, and exact at the quarters", "[rope]") {
  CHECK(hls::sine(0) == 0);
  CHECK(hls::sine(1U << 30) == 16384);
  CHECK(hls::sine(2U << 30) == 0);
  CHECK(hls::sine(3U << 30) == -16384);
  std::mt19937 random(3);
  int bad = 0;
  for (int i = 0; i < 100000; ++i) {
    const auto phase = static_cast<std::uint32_t>(random());
    bad += hls::sine(0U - phase) != -hls::sine(phase) ? 1 : 0;
    bad += hls::sine((2U << 30) - phase) != hls::sine(phase) ? 1 : 0;
  }
  CHECK(bad == 0);
}

TEST_CASE("every position and pair is within one unit", "[rope]") {
  double worst = 0.0;
  for (const int head_dim : {32, 64, 128}) {
    for (int pair = 0; pair < head_dim / 2; ++pair) {
      const std::uint32_t step = step_of(pair, head_dim);
      for (std::uint32_t position = 0; position < 4096; ++position) {
        const hls::SinCos cs = hls::rope_sincos(position, step);
        const double angle = position * frequency(pair, head_dim);
        worst = std::max(worst, std::fabs(cs.cos - std::floor(16384.0 * std::cos(angle) + 0.5)));
        worst = std::max(worst, std::fabs(cs.sin - std::floor(16384.0 * std::sin(angle) + 0.5)));
      }
    }
  }
  CHECK(worst <= 1.0);
}

TEST_CASE("rotated codes against double precision", "[rope]") {
  std::mt19937_64 random(4);
  std::normal_distribution<double> normal(0.0, 40.0 * 128.0);
  const auto draw = [&] { return static_cast<std::int32_t>(std::clamp(normal(random), -32768.0, 32767.0)); };
  UnitError eight, four;
  for (int i = 0; i < 400000; ++i) {
    const int pair = static_cast<int>(random() % 32);
    const std::uint32_t position = static_cast<std::uint32_t>(random() % 1024);
    const std::int32_t p1 = draw(), p2 = draw();
    const double angle = position * frequency(pair, 64);
    const double ideal[2] = {(p1 * std::cos(angle) - p2 * std::sin(angle)) / 128,
                             (p2 * std::cos(angle) + p1 * std::sin(angle)) / 128};
    const hls::SinCos cs = hls::rope_sincos(position, step_of(pair, 64));
    std::int8_t y[2], z[2];
    hls::rope_pair(p1, p2, cs, true, y[0], y[1]);
    hls::rope_pair(p1, p2, cs, false, z[0], z[1]);
    for (int k = 0; k < 2; ++k) {
      eight.add(y[k], std::clamp(ideal[k], -127.0, 127.0));
      four.add(z[k] / 8, std::clamp(ideal[k] / 8, -8.0, 7.0));
    }
  }
  INFO("largest " << eight.largest() << ", different " << eight.share_different());
  CHECK(eight.within_criterion());
  CHECK(four.within_criterion());
  CHECK(eight.share_different() < 0.005);
}

TEST_CASE("codes of extreme inputs stay in their ranges", "[rope]") {
  for (const std::int32_t p1 : {-32768, 0, 32767}) {
    for (const std::int32_t p2 : {-32768, 0, 32767}) {
      for (std::uint32_t position = 0; position < 64; ++position) {
        std::int8_t y1 = 0, y2 = 0;
        hls::rope_pair(p1, p2, hls::rope_sincos(position, 0x5a5a5a5aU), true, y1, y2);
        CHECK(std::min(y1, y2) >= hls::kAttentionMin);
        hls::rope_pair(p1, p2, hls::rope_sincos(position, 0x5a5a5a5aU), false, y1, y2);
        CHECK((std::min(y1, y2) >= -64 && std::max(y1, y2) <= 56 && y1 % 8 == 0 && y2 % 8 == 0));
      }
    }
  }
}
