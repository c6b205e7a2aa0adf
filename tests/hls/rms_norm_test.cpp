// SPDX-License-Identifier: Apache-2.0
#include "hls/rms_norm.hpp"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <random>
#include <vector>

#include "tests/catch.hpp"
#include "tests/oracle/ideal.hpp"

namespace hls = squat::hls;
using squat::oracle::UnitError;

namespace {

/// Gains and shift of gamma at a code scale, by the rule of the model format: 18 bits signed.
struct Gains {
  std::vector<std::int32_t> gain;
  int shift = 0;
};

Gains make_gains(const std::vector<double>& gamma, double scale) {
  const double root = std::sqrt(static_cast<double>(gamma.size()));
  double largest = 0.0;
  for (const double g : gamma) largest = std::max(largest, std::fabs(g) * root / scale);
  const int e = 17 - (static_cast<int>(std::floor(std::log2(largest))) + 1);
  Gains out;
  out.shift = 24 + e;
  for (const double g : gamma) out.gain.push_back(static_cast<std::int32_t>(std::llround(std::ldexp(g * root / scale, e))));
  return out;
}

enum class Kind { kGaussian, kSpiky, kOneHot };

std::vector<std::int32_t> make_input(Kind kind, int n, double magnitude, std::mt19937_64& random) {
  std::normal_distribution<double> normal(0.0, magnitude);
  std::vector<std::int32_t> x(static_cast<std::size_t>(n));
  for (auto& v : x) v = static_cast<std::int32_t>(std::llround(std::clamp(normal(random), -2.0e9, 2.0e9)));
  if (kind == Kind::kSpiky) x[0] = static_cast<std::int32_t>(std::clamp(60.0 * magnitude, -2.0e9, 2.0e9));
  if (kind == Kind::kOneHot) {
    std::fill(x.begin(), x.end(), 0);
    x[static_cast<std::size_t>(n / 2)] = -static_cast<std::int32_t>(magnitude);
  }
  return x;
}

struct RmsNormErrors {
  UnitError eight, four;
};

void measure(const std::vector<std::int32_t>& x, const std::vector<double>& gamma, double scale, RmsNormErrors& errors) {
  constexpr double kEps = 1e-5;
  const int n = static_cast<int>(x.size());
  const Gains gains = make_gains(gamma, scale);
  const hls::NormParams params{static_cast<std::uint64_t>(std::llround(n * kEps * std::ldexp(1.0, 32))), gains.shift};
  std::vector<std::int8_t> eight(x.size()), four(x.size());
  hls::rms_norm(x.data(), n, gains.gain.data(), params, true, eight.data());
  hls::rms_norm(x.data(), n, gains.gain.data(), params, false, four.data());
  std::vector<double> real;
  for (const auto v : x) real.push_back(std::ldexp(v, -16));
  const std::vector<double> ideal = squat::oracle::rms_norm(real, kEps, gamma);
  for (std::size_t i = 0; i < x.size(); ++i) {
    errors.eight.add(eight[i], std::clamp(ideal[i] / scale, -128.0, 127.0));
    errors.four.add(four[i] / 8, std::clamp(ideal[i] / scale / 8, -8.0, 7.0));
  }
}

}  // namespace

TEST_CASE("RMSNorm codes against double precision", "[rms_norm]") {
  std::mt19937_64 random(2);
  RmsNormErrors errors;
  for (const int n : {1, 2, 16, 128, 512, 768, 4096}) {
    for (const Kind kind : {Kind::kGaussian, Kind::kSpiky, Kind::kOneHot}) {
      for (int log2 = 2; log2 <= 28; ++log2) {
        for (const double typical_gain : {0.01, 0.3, 1.0, 7.0, 300.0}) {
          std::normal_distribution<double> normal(typical_gain, 0.4 * typical_gain);
          std::vector<double> gamma(static_cast<std::size_t>(n));
          for (double& g : gamma) g = normal(random);
          measure(make_input(kind, n, std::ldexp(1.0, log2), random), gamma, typical_gain / 30, errors);
        }
      }
    }
  }
  INFO("8 bit: largest " << errors.eight.largest() << ", above one " << errors.eight.share_above_one() << ", different "
                         << errors.eight.share_different());
  INFO("4 bit: largest " << errors.four.largest() << ", different " << errors.four.share_different());
  CHECK(errors.eight.within_criterion());
  CHECK(errors.four.within_criterion());
  CHECK(errors.eight.share_different() < 0.005);
}

TEST_CASE("reciprocal square root over all mantissas", "[rms_norm]") {
  double worst = 0.0;
  for (std::uint32_t m = 1U << 16; m < 1U << 18; ++m) {
    const double ideal = 65536.0 / std::sqrt(std::ldexp(m, -18));
    worst = std::max(worst, std::fabs(hls::rsqrt_mantissa(m) / ideal - 1.0));
  }
  INFO("largest relative error 2^" << std::log2(worst));
  CHECK(worst < std::ldexp(1.0, -13));
}

TEST_CASE("RMSNorm accepts every vector", "[rms_norm]") {
  std::int8_t code[4] = {1, 1, 1, 1};
  const std::int32_t gain[4] = {131071, -131072, 65536, 1};
  const std::int32_t zero[4] = {0, 0, 0, 0};
  hls::rms_norm(zero, 4, gain, {0, 24}, true, code);  // sum of squares 0: no division by zero
  for (const auto c : code) CHECK(c == 0);
  const std::int32_t extreme[4] = {INT32_MIN, INT32_MAX, INT32_MIN, INT32_MAX};
  const hls::NormScale scale = hls::norm_scale(extreme, 4, 0);
  CHECK(scale.d == 17);
  CHECK(scale.k == 16);
  // Every element is half of the root of the sum of squares: u = 0.5, so code = 0.5 * gain.
  const std::int32_t small_gain[4] = {100, 100, 100, 100};
  hls::rms_norm(extreme, 4, small_gain, {0, 24}, true, code);
  CHECK(code[0] == -50);
  CHECK(code[1] == 50);
}
