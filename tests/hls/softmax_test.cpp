// SPDX-License-Identifier: Apache-2.0
#include "hls/softmax.hpp"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <random>
#include <vector>

#include "tests/catch.hpp"
#include "tests/oracle/ideal.hpp"

namespace hls = squat::hls;
using squat::oracle::UnitError;

TEST_CASE("softmax rows against double precision", "[softmax]") {
  std::mt19937_64 random(5);
  UnitError code_error, wide_error;
  const double log2e = std::log2(std::exp(1.0));
  for (const int n : {1, 2, 3, 5, 17, 64, 128, 129, 1000, 4096}) {
    for (const double spread : {0.3, 2.0, 9.0}) {
      for (int row = 0; row < 60; ++row) {
        const double scale = 1e-4 * (1.0 + static_cast<double>(random() % 1000) / 100);
        std::normal_distribution<double> normal(0.0, spread / scale);
        std::vector<std::int32_t> scores(static_cast<std::size_t>(n));
        std::vector<double> real;
        for (auto& s : scores) {
          s = static_cast<std::int32_t>(std::llround(normal(random)));
          real.push_back(s * scale);
        }
        const auto f = squat::oracle::factor_of(scale * log2e * 4096);
        std::vector<std::uint8_t> code(scores.size());
        std::uint32_t wide0 = 0;
        hls::softmax_row(scores.data(), n, {f.m, f.s}, code.data(), wide0);
        const std::vector<double> ideal = squat::oracle::softmax(real);
        for (std::size_t j = 0; j < code.size(); ++j) code_error.add(code[j], std::min(255.0, 256.0 * ideal[j]));
        wide_error.add(wide0, 65536.0 * ideal[0]);
      }
    }
  }
  INFO("code: largest " << code_error.largest() << ", different " << code_error.share_different());
  INFO("wide: largest " << wide_error.largest() << ", above one " << wide_error.share_above_one());
  CHECK(code_error.within_criterion());
  CHECK(code_error.share_different() < 0.001);
  // Key 0 of short rows often has a probability near 1, where the reciprocal's own error shows; all keys: next case.
  CHECK(wide_error.largest() <= 2.0);
}

TEST_CASE("wide probabilities of every key", "[softmax]") {
  // The exposed steps, composed as softmax_row composes them, so that all keys are seen and not only key 0.
  std::mt19937_64 random(6);
  UnitError error;
  for (int row = 0; row < 300; ++row) {
    const std::size_t n = 2 + random() % 300;
    std::vector<std::uint32_t> t(n), e(n);
    std::vector<double> real;
    std::uint64_t sum = 0;
    for (std::size_t j = 0; j < n; ++j) {
      t[j] = j == 0 ? 0 : static_cast<std::uint32_t>(random() % (4096 * (1 + row % 12)));
      e[j] = hls::exp2_negative(t[j]);
      sum += e[j];
      real.push_back(-std::log(2.0) * t[j] / 4096);
    }
    const std::vector<double> ideal = squat::oracle::softmax(real);
    for (std::size_t j = 0; j < n; ++j) error.add(hls::wide_probability(e[j], hls::reciprocal(sum)), 65536.0 * ideal[j]);
  }
  INFO("largest " << error.largest() << ", above one " << error.share_above_one());
  CHECK(error.within_criterion());
}

TEST_CASE("2^-t for every input", "[softmax]") {
  UnitError error;  // in units of 2^-16
  for (std::uint32_t t = 0; t <= 31U << 12; ++t)
    error.add(hls::exp2_negative(t) / 16.0, 65536.0 * std::exp2(-static_cast<double>(t) / 4096));
  INFO("largest " << error.largest());
  CHECK(error.largest() <= 1.0);
}

TEST_CASE("reciprocal over all mantissas and at the ends of its range", "[softmax]") {
  double worst = 0.0;
  for (std::uint32_t m = 1U << 17; m < 1U << 18; ++m) {
    worst = std::max(worst, std::fabs(hls::reciprocal_mantissa(m) / (65536.0 / std::ldexp(m, -18)) - 1.0));
  }
  INFO("largest relative error 2^" << std::log2(worst));
  CHECK(worst < std::ldexp(1.0, -15));
  CHECK(hls::reciprocal(std::uint64_t{1} << 20).n == 21);
  CHECK(hls::reciprocal(std::uint64_t{1} << 32).n == 33);
}

TEST_CASE("softmax of special rows", "[softmax]") {
  std::uint32_t wide = 0;
  std::uint8_t code[4] = {0, 0, 0, 0};
  const std::int32_t single[1] = {-12345};
  hls::softmax_row(single, 1, {65536, 10}, code, wide);
  CHECK(code[0] == 255);
  CHECK(wide >= 65534);
  const std::int32_t far[2] = {INT32_MIN, INT32_MAX};
  hls::softmax_row(far, 2, {131071, 1}, code, wide);
  CHECK(code[0] == 0);
  CHECK(wide == 0);
  CHECK(code[1] == 255);
  const std::int32_t equal[4] = {7, 7, 7, 7};
  hls::softmax_row(equal, 4, {65536, 10}, code, wide);
  for (const auto c : code) CHECK(c == 64);
  const std::int32_t ignored[2] = {0, 1000000};
  hls::softmax_row(ignored, 2, {0, 1}, code, wide);  // factor 0: all keys alike
  CHECK(code[0] == 128);
  CHECK(code[1] == 128);
}
