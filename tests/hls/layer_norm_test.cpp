// SPDX-License-Identifier: Apache-2.0
#include "hls/layer_norm.hpp"

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

constexpr double kEps = 1e-5;

struct Parameters {
  std::vector<double> gamma, beta;
  double scale = 1.0;
};

struct Fixed {
  std::vector<std::int32_t> gain, beta;
  hls::LayerNormParams params;
};

/// By the rules of the model format: 18-bit gains, 24-bit offsets.
Fixed fixed(const Parameters& p) {
  const int n = static_cast<int>(p.gamma.size());
  const double root = std::sqrt(static_cast<double>(n));
  double largest = 0.0;
  for (const double g : p.gamma) largest = std::max(largest, std::fabs(g) * root / p.scale);
  const int e = 17 - (static_cast<int>(std::floor(std::log2(largest))) + 1);
  Fixed out;
  for (const double g : p.gamma) out.gain.push_back(static_cast<std::int32_t>(std::llround(std::ldexp(g * root / p.scale, e))));
  for (const double b : p.beta) out.beta.push_back(static_cast<std::int32_t>(std::llround(b / p.scale * 256)));
  const squat::oracle::Factor mean = squat::oracle::factor_of(1.0 / n);
  out.params = {{mean.m, mean.s}, static_cast<std::uint64_t>(std::llround(n * kEps * std::ldexp(1.0, 32))), 24 + e};
  return out;
}

struct LayerNormErrors {
  UnitError eight, four;
};

void measure(const std::vector<std::int32_t>& x, const Parameters& p, LayerNormErrors& errors) {
  const Fixed f = fixed(p);
  const int n = static_cast<int>(x.size());
  std::vector<std::int8_t> eight(x.size()), four(x.size());
  hls::layer_norm(x.data(), n, f.gain.data(), f.beta.data(), f.params, true, eight.data());
  hls::layer_norm(x.data(), n, f.gain.data(), f.beta.data(), f.params, false, four.data());
  std::vector<double> real;
  for (const auto v : x) real.push_back(std::ldexp(v, -16));
  const std::vector<double> ideal = squat::oracle::layer_norm(real, kEps, p.gamma, p.beta);
  for (std::size_t i = 0; i < x.size(); ++i) {
    errors.eight.add(eight[i], std::clamp(ideal[i] / p.scale, -128.0, 127.0));
    errors.four.add(four[i] / 8, std::clamp(ideal[i] / p.scale / 8, -8.0, 7.0));
  }
}

}  // namespace

TEST_CASE("LayerNorm codes against double precision", "[layer_norm]") {
  std::mt19937_64 random(12);
  LayerNormErrors errors;
  for (const int n : {2, 16, 128, 768, 4096}) {
    for (int log2 = 4; log2 <= 27; ++log2) {
      for (const double offset : {0.0, 0.3, -3.0}) {
        for (const bool spiky : {false, true}) {
          const double deviation = std::ldexp(1.0, log2);
          std::normal_distribution<double> normal(offset * deviation, deviation);
          std::vector<std::int32_t> x;
          for (int i = 0; i < n; ++i) x.push_back(static_cast<std::int32_t>(std::clamp(normal(random), -2.0e9, 2.0e9)));
          if (spiky) x[0] = static_cast<std::int32_t>(std::clamp(60.0 * deviation, -2.0e9, 2.0e9));
          std::normal_distribution<double> gammas(1.0, 0.4), betas(0.0, 0.5);
          Parameters p;
          p.scale = 1.0 / 30;
          for (int i = 0; i < n; ++i) {
            p.gamma.push_back(gammas(random));
            p.beta.push_back(betas(random));
          }
          measure(x, p, errors);
        }
      }
    }
  }
  INFO("8 bit: largest " << errors.eight.largest() << ", above one " << errors.eight.share_above_one() << ", different "
                         << errors.eight.share_different());
  INFO("4 bit: largest " << errors.four.largest() << ", different " << errors.four.share_different());
  CHECK(errors.eight.within_criterion());
  CHECK(errors.four.within_criterion());
  CHECK(errors.eight.share_different() < 0.02);
}

TEST_CASE("LayerNorm accepts every vector", "[layer_norm]") {
  std::int8_t code[4] = {1, 1, 1, 1};
  const std::int32_t gain[4] = {131071, -131072, 65536, 1};
  const std::int32_t beta[4] = {0, 256, -256 * 8, hls::kBetaMax};
  const hls::LayerNormParams params{{65536, 18}, 0, 24};
  const std::int32_t equal[4] = {INT32_MIN, INT32_MIN, INT32_MIN, INT32_MIN};  // deviation 0: only the offsets remain
  hls::layer_norm(equal, 4, gain, beta, params, true, code);
  CHECK(code[0] == 0);
  CHECK(code[1] == 1);
  CHECK(code[2] == -8);
  CHECK(code[3] == 127);
  const std::int32_t extreme[4] = {INT32_MIN, INT32_MAX, INT32_MAX, INT32_MAX};
  const std::int32_t mean = hls::layer_mean(extreme, 4, params.mean);
  CHECK(mean == 1073741823);
  CHECK(hls::layer_norm_scale(extreme, 4, mean, 0).d == 18);
  hls::layer_norm(extreme, 4, gain, beta, params, true, code);
}

TEST_CASE("LayerNorm of a centred vector without offsets is RMSNorm", "[layer_norm]") {
  std::mt19937_64 random(13);
  for (int round = 0; round < 200; ++round) {
    std::vector<std::int32_t> x, gain;
    for (int i = 0; i < 16; ++i) {
      const auto v = static_cast<std::int32_t>(random() % 16384);  // below 2^14: neither unit shifts
      x.push_back(v);
      x.push_back(-v);
      for (int j = 0; j < 2; ++j) gain.push_back(static_cast<std::int32_t>(random() % 262144) - 131072);
    }
    const std::vector<std::int32_t> beta(32, 0);
    const bool eight = round % 2 == 0;
    const int shift = 25 + round % 20;
    std::vector<std::int8_t> layer(32), rms(32);
    hls::layer_norm(x.data(), 32, gain.data(), beta.data(), {{65536, 21}, 1000, shift}, eight, layer.data());
    hls::rms_norm(x.data(), 32, gain.data(), {1000, shift}, eight, rms.data());
    REQUIRE(layer == rms);
  }
}
