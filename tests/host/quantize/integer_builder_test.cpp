// SPDX-License-Identifier: Apache-2.0
#include "host/quantize/integer_builder.hpp"

#include <cmath>
#include <random>

#include "tests/host/support.hpp"

namespace squat::quantize {

TEST_CASE("requantisation integers are the nearest 17-bit ones") {
  std::mt19937 random(1);
  std::uniform_real_distribution<double> log2(-30.0, 15.99);
  for (int i = 0; i < 10000; ++i) {
    const double factor = std::exp2(log2(random));
    const hls::Requant r = make_requant(factor, "x");
    REQUIRE(r.m >= 1u << 16);
    REQUIRE(r.m < 1u << 17);
    REQUIRE(r.s >= 1);
    REQUIRE(r.s <= 46);
    REQUIRE(std::fabs(std::ldexp(r.m, -static_cast<int>(r.s)) / factor - 1) <= 0x1p-17);
  }
  CHECK(make_requant(1.0, "x").m == 1u << 16);
  CHECK(make_requant(1.0, "x").s == 16);
  const hls::Requant almost_two = make_requant(2.0 - 1e-9, "x");  // rounds up to the next power of two
  CHECK(almost_two.m == 1u << 16);
  CHECK(almost_two.s == 15);
  CHECK(make_requant(1e-12, "x").m == 0);
  for (const double bad : {0.0, -1.0, 65536.0, 65536.0 - 1e-6, std::nan(""), HUGE_VAL}) {
    CHECK_THAT(test::input_error_of([&] { make_requant(bad, "the site"); }), Catch::Contains("the site"));
  }
}

TEST_CASE("norm gains use their 18 bits") {
  for (const float largest : {1e-4f, 0.7f, 1.0f, 130.0f}) {
    const std::vector<float> gamma = {largest, -largest / 3, 0.0f, largest / 7};
    const double scale = 0.013;
    const model::IntNorm n = make_norm(gamma, scale, "x");
    CHECK(n.gain[0] >= 1 << 16);
    CHECK(n.gain[0] < 1 << 17);
    for (std::size_t i = 0; i < gamma.size(); ++i) {
      const double exact = static_cast<double>(gamma[i]) * 2.0 / scale;  // sqrt(4) = 2
      CHECK(std::fabs(std::ldexp(n.gain[i], 24 - n.shift) - exact) <= std::ldexp(0.5, 24 - n.shift) * (1 + 1e-9));
    }
  }
  CHECK(make_norm({0.0f, 0.0f}, 1.0, "x").gain == std::vector<std::int32_t>{0, 0});
  test::input_error_of([] { make_norm({3e38f}, 1e-9, "x"); });
}

TEST_CASE("offsets of LayerNorm have 8 fraction bits, and clipped ones are reported") {
  std::vector<std::string> warnings;
  const std::vector<float> beta = {0.5f, -0.001f, 300.0f, -300.0f};
  const model::IntNorm fits = make_layer_norm({1.0f, 1.0f, 1.0f, 1.0f}, beta, 0.01, "x", warnings);
  CHECK(fits.beta == std::vector<std::int32_t>{12800, -26, 7680000, -7680000});
  CHECK(warnings.empty());
  const model::IntNorm clipped = make_layer_norm({1.0f, 1.0f, 1.0f, 1.0f}, beta, 0.009, "the norm", warnings);
  CHECK(clipped.beta[2] == 8388607);
  CHECK(clipped.beta[3] == -8388607);
  REQUIRE(warnings.size() == 1);
  CHECK_THAT(warnings[0], Catch::Contains("the norm: 2 of 4"));
  CHECK(clipped.gain == make_norm({1.0f, 1.0f, 1.0f, 1.0f}, 0.009, "x").gain);
  // A shift of 9 still leaves 8 fraction bits; one bit less does not.
  CHECK(make_layer_norm({std::ldexp(1.0f, 30), 0.0f, 0.0f, 0.0f}, beta, 1.0, "x", warnings).shift == 9);
  test::input_error_of([&] { make_layer_norm({std::ldexp(1.0f, 31), 0.0f, 0.0f, 0.0f}, beta, 1.0, "x", warnings); });
}

TEST_CASE("biases are whole units of the accumulator, below 2^26") {
  CHECK(make_bias({1.0f, -0.3f, 0.0f}, 0.25, "x") == std::vector<std::int32_t>{4, -1, 0});
  CHECK(make_bias({33554430.0f, -33554430.0f}, 0.5, "x") == std::vector<std::int32_t>{67108860, -67108860});
  for (const float bad : {67108864.0f, -67108864.0f, 3e38f}) {
    CHECK_THAT(test::input_error_of([&] { make_bias({bad}, 1.0, "the matrix"); }), Catch::Contains("the matrix"));
  }
}

TEST_CASE("matrices are narrow, and clipping a full-range checkpoint is reported") {
  model::FloatMatrix w{2, 2, {-8.0f, 7.4f, -1.5f, 0.5f}, {}};
  std::vector<std::string> warnings;
  const model::IntMatrix m = make_matrix(w, 1.0, 4, "w", 0.0, warnings);
  CHECK(m.codes == model::WeightCodes{-7, 7, -2, 0});  // halves to even
  REQUIRE(warnings.size() == 1);
  CHECK_THAT(warnings[0], Catch::Contains("1 of 4 weights"));
  make_matrix(w, 1.0, 4, "w", 0.3, warnings);
  CHECK(warnings.size() == 1);
  test::input_error_of([&] { make_matrix(w, 0.0, 4, "w", 0.0, warnings); });
}

}  // namespace squat::quantize
