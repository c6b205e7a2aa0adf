// SPDX-License-Identifier: Apache-2.0
// Leaves on native integers and on ap_int against plain products and the oracle: every operand where that is possible.
#include <cstdint>
#include <random>

#include "hls/ap/ap_numbers.hpp"
#include "hls/leaves/packing.hpp"
#include "hls/leaves/requantizing.hpp"
#include "tests/catch.hpp"
#include "tests/oracle/exact.hpp"

using squat::hls::ApNumbers;
using squat::hls::Int;
using squat::hls::MkmpMode;
using squat::hls::NativeNumbers;
using squat::hls::Uint;
namespace leaf = squat::hls::leaf;

namespace {

constexpr unsigned mode_of(MkmpMode mode) { return static_cast<unsigned>(mode); }

/// Number of wrong sums of `steps` equal products.
template <class N>
long wrong_fields(MkmpMode mode, int w1, int w0, int a1, int a0, int steps) {
  const bool w8 = mode == MkmpMode::kW8Signed || mode == MkmpMode::kW8Unsigned;
  const Int<N, 27> a = w8 ? leaf::pack_w8<N>(w1, w0) : leaf::pack_w4<N>(w1, w0);
  const Int<N, 18> b = mode == MkmpMode::kW4A4 ? leaf::pack_a44<N>(a1, a0) : Int<N, 18>(a0);
  Int<N, 48> p = 0;
  for (int i = 0; i < steps; ++i) p = leaf::multiply_add<N>(p, a, b);
  const auto f = leaf::split<N>(mode_of(mode), p);
  long wrong = (f.w0a0 != steps * w0 * a0) + (f.w1a0 != steps * w1 * a0);
  if (mode == MkmpMode::kW4A4) wrong += (f.w0a1 != steps * w0 * a1) + (f.w1a1 != steps * w1 * a1);
  return wrong;
}

}  // namespace

TEMPLATE_TEST_CASE("leaf: every packed product of 4-bit weights, once and eight times", "[kernels]", NativeNumbers, ApNumbers) {
  long wrong = 0, cases = 0;
  for (int w1 = -7; w1 < 8; ++w1) {
    for (int w0 = -7; w0 < 8; ++w0) {
      for (int a = -128; a < 128; ++a) {
        for (const int steps : {1, 8}) wrong += wrong_fields<TestType>(MkmpMode::kW4A8, w1, w0, 0, a, steps);
        for (const int steps : {1, 8})
          wrong += wrong_fields<TestType>(MkmpMode::kW4A4, w1, w0, (a + 128) / 16 - 8, (a + 128) % 16 - 8, steps);
        cases += 4;
      }
    }
  }
  CHECK(wrong == 0);
  CHECK(cases == 15 * 15 * 256 * 4);
  CHECK(wrong_fields<TestType>(MkmpMode::kW4A4, 7, -7, -8, -8, 19) > 0);  // beyond 18 steps a field overflows
}

TEMPLATE_TEST_CASE("leaf: every packed product of 8-bit weights", "[kernels]", NativeNumbers, ApNumbers) {
  long wrong = 0;
  for (int w1 = -127; w1 < 128; ++w1) {
    for (int w0 = -127; w0 < 128; ++w0) {
      for (int a = 0; a < 256; ++a) {
        wrong += wrong_fields<TestType>(MkmpMode::kW8Signed, w1, w0, 0, a - 128, 8);
        wrong += wrong_fields<TestType>(MkmpMode::kW8Unsigned, w1, w0, 0, a, 8);
      }
    }
  }
  CHECK(wrong == 0);
}

TEMPLATE_TEST_CASE("leaf: requantisation equals the oracle", "[kernels]", NativeNumbers, ApNumbers) {
  std::mt19937 random(5);
  long wrong = 0;
  for (int i = 0; i < 200000; ++i) {
    const int bits = static_cast<int>(random() % 26) + 1;
    const int x = static_cast<int>(random() % (1U << bits)) - (1 << (bits - 1));
    const auto m = static_cast<unsigned>(i % 16 == 0 ? 0 : 65536 + random() % 65536);
    const auto s = static_cast<unsigned>(1 + random() % 46);
    const bool eight = random() % 2 != 0;
    const int low = random() % 2 != 0 ? -128 : -127;
    const auto code = leaf::requantize_code<TestType>(x, m, s, eight, low);
    if (code != squat::oracle::requantize_code(x, m, static_cast<int>(s), eight, low)) ++wrong;
    const auto value = leaf::requantize<TestType>(x, m, s, -8192, 8191);
    if (value != squat::oracle::requantize(x, m, static_cast<int>(s), -8192, 8191)) ++wrong;
  }
  CHECK(wrong == 0);
}
