// SPDX-License-Identifier: Apache-2.0
// The element-wise units of every kernel set against hls/, bit for bit, over the whole range of every operand.
#include <random>
#include <vector>

#include "hls/bits.hpp"
#include "hls/gated.hpp"
#include "hls/layer_norm.hpp"
#include "hls/rms_norm.hpp"
#include "hls/rope.hpp"
#include "hls/softmax.hpp"
#include "host/backends/cpu/kernel_choice.hpp"
#include "tests/catch.hpp"

using namespace squat;
using namespace squat::backends;

namespace {

constexpr int kRounds = 600;

class UnitDraw {
 public:
  explicit UnitDraw(unsigned seed) : random_(seed) {}
  std::uint32_t bits() { return static_cast<std::uint32_t>(random_()); }
  int from(int low, int high) { return low + static_cast<int>(bits() % static_cast<unsigned>(high - low + 1)); }
  /// A signed value of at most `width` bits, all magnitudes equally likely; sometimes an end of the range.
  std::int32_t value(int width) {
    const std::int64_t limit = std::int64_t{1} << (width - 1);
    if (from(0, 30) == 0) return static_cast<std::int32_t>(from(0, 1) == 0 ? -limit : limit - 1);
    const std::int64_t magnitude = static_cast<std::int64_t>(bits()) & ((std::int64_t{1} << from(0, width - 1)) - 1);
    return static_cast<std::int32_t>(from(0, 1) == 0 ? -magnitude : magnitude);
  }
  std::vector<std::int32_t> values(int n, int width) {
    std::vector<std::int32_t> v(static_cast<std::size_t>(n));
    for (std::int32_t& x : v) x = value(width);
    return v;
  }
  hls::Requant requant(int lowest_s, int highest_s) {
    return {65536U + bits() % 65536U, static_cast<std::uint32_t>(from(lowest_s, highest_s))};
  }
  /// Row lengths around the widths of vectors, and long ones.
  int length() { return from(0, 3) == 0 ? from(1, 600) : from(1, 70); }

 private:
  std::mt19937 random_;
};

template <typename Test>
void for_every_set(const Test& test) {
  for (const cpu::KernelSet* set : cpu::kernel_sets()) {
    if (!set->supported()) continue;
    INFO("units of kernel " << set->name);
    UnitDraw draw(3);
    for (int i = 0; i < kRounds; ++i) test(set->units(), draw, i % 2 == 0);
  }
}

cpu::RowScale row_scale(hls::NormScale s) { return {s.d, s.r, s.k}; }

}  // namespace

TEST_CASE("requantise and residual units equal hls", "[cpu][units]") {
  for_every_set([](const cpu::VectorUnits& u, UnitDraw& draw, bool eight) {
    const int n = draw.length();
    const auto acc = draw.values(n, 27);
    const hls::Requant r = draw.requant(1, 46);
    std::vector<std::int8_t> code(acc.size()), expected(acc.size()), attention(acc.size()), expected_attention(acc.size());
    std::vector<std::int32_t> x = draw.values(n, 32), expected_x = x;
    u.requantize(acc.data(), n, r, eight, -128, code.data());
    u.requantize(acc.data(), n, r, eight, hls::kAttentionMin, attention.data());
    u.add_residual(x.data(), acc.data(), n, r);
    std::int32_t sum = 0;
    for (std::size_t i = 0; i < acc.size(); ++i) {
      expected[i] = hls::requantize_code(acc[i], r, eight);
      expected_attention[i] = hls::requantize_attention_code(acc[i], r, eight);
      expected_x[i] = hls::add_residual(expected_x[i], acc[i], r);
      sum += expected[i];
    }
    REQUIRE(code == expected);
    REQUIRE(attention == expected_attention);
    REQUIRE(x == expected_x);
    REQUIRE(u.sum(code.data(), n) == sum);
  });
}

TEST_CASE("norm units equal hls", "[cpu][units]") {
  for_every_set([](const cpu::VectorUnits& u, UnitDraw& draw, bool eight) {
    const int n = draw.length();
    const auto x = draw.values(n, draw.from(2, 32));
    const auto gain = draw.values(n, 18);
    const auto beta = draw.values(n, 24);
    const std::uint64_t eps = draw.bits() >> draw.from(0, 31);
    std::vector<std::int8_t> code(x.size()), expected(x.size());

    const hls::NormScale scale = hls::norm_scale(x.data(), n, eps);
    const int d = hls::norm_down_shift(u.largest_magnitude(x.data(), n));
    REQUIRE(d == scale.d);
    const hls::NormScale ours = hls::norm_scale_of_sum((eps >> (2 * d)) + u.sum_of_squares(x.data(), n, 0, d), d);
    REQUIRE((ours.r == scale.r && ours.k == scale.k));
    const int shift = draw.from(1, 59);
    u.norm(x.data(), n, row_scale(scale), gain.data(), shift, eight, code.data());
    for (std::size_t i = 0; i < x.size(); ++i) expected[i] = hls::norm_code(x[i], scale, gain[i], shift, eight);
    REQUIRE(code == expected);

    const std::int32_t mean = draw.value(draw.from(2, 32));
    const hls::NormScale centred = hls::layer_norm_scale(x.data(), n, mean, eps);
    REQUIRE(hls::norm_scale_of_sum((eps >> (2 * centred.d)) + u.sum_of_squares(x.data(), n, mean, centred.d), centred.d).r ==
            centred.r);
    const int cut = draw.from(hls::kMinLayerNormShift, 59);
    u.layer_norm(x.data(), n, mean, row_scale(centred), gain.data(), beta.data(), cut, eight, code.data());
    for (std::size_t i = 0; i < x.size(); ++i) {
      expected[i] = hls::layer_norm_code(static_cast<std::int64_t>(x[i]) - mean, centred, gain[i], beta[i], cut, eight);
    }
    REQUIRE(code == expected);
  });
}

TEST_CASE("rotary unit equals hls", "[cpu][units]") {
  for_every_set([](const cpu::VectorUnits& u, UnitDraw& draw, bool eight) {
    const int half = draw.from(1, 70);
    const auto acc = draw.values(2 * half, 27);
    const hls::Requant r = draw.requant(1, 46);
    std::vector<std::int32_t> cos, sin;
    for (int i = 0; i < half; ++i) {
      const hls::SinCos cs = hls::rope_sincos(draw.bits() % 4096U, draw.bits());
      cos.push_back(cs.cos);
      sin.push_back(cs.sin);
    }
    std::vector<std::int8_t> code(acc.size()), expected(acc.size());
    u.rope(acc.data(), half, r, cos.data(), sin.data(), eight, code.data());
    for (std::size_t i = 0; i < static_cast<std::size_t>(half); ++i) {
      const std::size_t j = i + static_cast<std::size_t>(half);
      const hls::SinCos cs{static_cast<std::int16_t>(cos[i]), static_cast<std::int16_t>(sin[i])};
      hls::rope_pair(hls::requantize(acc[i], r, -32768, 32767), hls::requantize(acc[j], r, -32768, 32767), cs, eight,
                     expected[i], expected[j]);
    }
    REQUIRE(code == expected);
  });
}

TEST_CASE("softmax unit equals hls", "[cpu][units]") {
  for_every_set([](const cpu::VectorUnits& u, UnitDraw& draw, bool long_row) {
    const int n = long_row ? draw.from(1, hls::kMaxKeys) : draw.length();
    auto scores = draw.values(n, draw.from(2, 27));
    if (draw.from(0, 9) == 0) scores.assign(scores.size(), 12345);  // all equal
    const hls::Requant r = draw.requant(16, 46);
    std::vector<std::uint8_t> code(scores.size()), expected(scores.size());
    std::uint32_t wide0 = 0, expected_wide0 = 1;
    std::int32_t sum = 0, expected_sum = 0;
    u.softmax(scores.data(), n, r, code.data(), wide0, sum);
    hls::softmax_row(scores.data(), n, r, expected.data(), expected_wide0);
    for (const std::uint8_t p : expected) expected_sum += p;
    REQUIRE(code == expected);
    REQUIRE(wide0 == expected_wide0);
    REQUIRE(sum == expected_sum);
  });
}

TEST_CASE("activation units equal hls", "[cpu][units]") {
  for_every_set([](const cpu::VectorUnits& u, UnitDraw& draw, bool eight) {
    const int n = draw.length(), frac = draw.from(6, 9);
    const auto gate = draw.values(n, 27), up = draw.values(n, 27);
    const hls::Requant gate_fixed = draw.requant(16, 46), up_fixed = draw.requant(16, 46), r = draw.requant(1, 46);
    std::vector<std::int8_t> code(gate.size()), expected(gate.size()), gelu(gate.size()), expected_gelu(gate.size());
    u.silu_mul(gate.data(), gate_fixed, up.data(), up_fixed, n, frac, r, eight, code.data());
    u.gelu(up.data(), up_fixed, n, frac, r, eight, gelu.data());
    for (std::size_t i = 0; i < gate.size(); ++i) {
      const std::int32_t g = hls::requantize(gate[i], gate_fixed, hls::kGateMin, hls::kGateMax);
      const std::int32_t v = hls::requantize(up[i], up_fixed, hls::kGateMin, hls::kGateMax);
      expected[i] = hls::silu_mul(g, v, frac, r, eight);
      expected_gelu[i] = hls::gelu_code(v, frac, r, eight);
    }
    REQUIRE(code == expected);
    REQUIRE(gelu == expected_gelu);
  });
}
