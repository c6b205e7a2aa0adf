// SPDX-License-Identifier: Apache-2.0
// ap_int and ap_uint against 128-bit native integers: values and result widths.
#include "hls/ap/ap_int.hpp"

#include <random>

#include "hls/ap/hls_stream.hpp"
#include "tests/catch.hpp"

namespace {

__extension__ using Native = __int128;

/// The low `width` bits of v as a number of that kind.
Native wrap(Native v, int width, bool is_signed) {
  const Native modulus = Native{1} << width;
  v = ((v % modulus) + modulus) % modulus;
  return is_signed && v >= modulus / 2 ? v - modulus : v;
}

template <int W, bool S>
Native value(const squat::ap::Integer<W, S>& v) {
  return S ? Native{static_cast<std::int64_t>(v.bits())} : Native{v.bits()};
}

template <class A, class B>
long wrong_results(std::mt19937_64& random) {
  long wrong = 0;
  const auto expect = [&wrong](const auto& got, Native want, bool exact) {
    using Result = std::decay_t<decltype(got)>;
    constexpr bool is_signed = std::is_signed<decltype(+got)>::value;
    if (value(got) != (exact ? want : wrap(want, Result::width, is_signed))) ++wrong;
  };
  for (int i = 0; i < 400; ++i) {
    const auto raw = [&] { return i % 7 == 0 ? ~std::uint64_t{0} : i % 5 == 0 ? std::uint64_t{1} << random() % 64 : random(); };
    const A a = raw();
    const B b = raw();
    const Native x = value(a), y = value(b);
    expect(a + b, x + y, true);  // the result has room for every value
    expect(a - b, x - y, true);
    expect(a * b, x * y, true);
    expect(a & b, x & y, true);
    expect(a | b, x | y, true);
    expect(a ^ b, x ^ y, true);
    expect(~a, ~x, false);
    if ((a < b) != (x < y) || (a > b) != (x > y) || (a <= b) != (x <= y) || (a >= b) != (x >= y) || (a == b) != (x == y) ||
        (a != b) != (x != y)) {
      ++wrong;
    }
    const int n = static_cast<int>(random() % (A::width + 3));
    expect(a << n, n >= A::width ? 0 : static_cast<Native>(static_cast<unsigned __int128>(x) << n), false);
    expect(a >> n, x >> n, true);
    expect(a >> ap_uint<7>(n), x >> n, true);
    expect(B(a), x, false);  // assignment keeps the low bits
    A sum = a;
    sum += b;
    expect(sum, x + y, false);
    const int high = static_cast<int>(random() % A::width), low = static_cast<int>(random() % static_cast<unsigned>(high + 1));
    if (Native{static_cast<std::uint64_t>(a.range(high, low))} != wrap(x >> low, high - low + 1, false)) ++wrong;
    A changed = a;
    changed.range(high, low) = b;
    for (int bit = 0; bit < A::width; ++bit) {
      const bool want = bit >= low && bit <= high ? (y >> (bit - low) & 1) != 0 : (x >> bit & 1) != 0;
      if (changed[bit] != static_cast<unsigned>(want)) ++wrong;
    }
  }
  return wrong;
}

template <class A>
long wrong_with(std::mt19937_64& random) {
  return wrong_results<A, ap_int<1>>(random) + wrong_results<A, ap_uint<1>>(random) + wrong_results<A, ap_int<8>>(random) +
         wrong_results<A, ap_uint<17>>(random) + wrong_results<A, ap_int<27>>(random) + wrong_results<A, ap_uint<30>>(random);
}

}  // namespace

TEST_CASE("ap_int: arithmetic, comparisons, shifts and ranges", "[kernels]") {
  std::mt19937_64 random(1);
  CHECK(wrong_with<ap_int<1>>(random) == 0);
  CHECK(wrong_with<ap_uint<1>>(random) == 0);
  CHECK(wrong_with<ap_int<4>>(random) == 0);
  CHECK(wrong_with<ap_uint<8>>(random) == 0);
  CHECK(wrong_with<ap_int<18>>(random) == 0);
  CHECK(wrong_with<ap_uint<32>>(random) == 0);
  CHECK(wrong_with<ap_int<33>>(random) == 0);
}

TEST_CASE("ap_int: result widths", "[kernels]") {
  CHECK((ap_int<8>() + ap_int<8>()).width == 9);
  CHECK((ap_int<8>() + ap_uint<8>()).width == 10);
  CHECK((ap_uint<8>() - ap_uint<8>()).width == 9);
  CHECK((ap_int<27>() * ap_int<18>()).width == 45);
  CHECK((ap_int<4>() * (1 << 22)).width == 36);  // a native int counts 32 bits
  CHECK((ap_uint<11>() * 3U).width == 43);
  CHECK((ap_int<8>() & ap_uint<8>()).width == 9);
  CHECK(ap_uint<4>(3) - ap_uint<4>(5) == -2);
  CHECK(ap_int<8>(-1) < ap_uint<8>(0));
}

TEST_CASE("ap_int: the widest numbers", "[kernels]") {
  const std::int64_t low = std::numeric_limits<std::int64_t>::min();
  CHECK(ap_int<64>(low) == low);
  CHECK(ap_int<64>(low) >> 63 == -1);
  CHECK(ap_int<64>(low) >> 64 == -1);
  CHECK(ap_uint<64>(~std::uint64_t{0}) >> 64 == 0U);
  CHECK((ap_uint<64>(1) << 64) == 0U);
  CHECK(ap_int<32>(1 << 30) * ap_int<32>(4) == std::int64_t{1} << 32);
}

TEST_CASE("ap_int: words of a port", "[kernels]") {
  std::mt19937_64 random(2);
  ap_uint<256> word = 0;
  std::vector<bool> bits(256);
  for (int i = 0; i < 2000; ++i) {
    const int low = static_cast<int>(random() % 256), high = std::min(255, low + static_cast<int>(random() % 64));
    const std::uint64_t v = random();
    word.range(high, low) = v;
    for (int b = low; b <= high; ++b) bits[static_cast<std::size_t>(b)] = (v >> (b - low) & 1) != 0;
    bool same = true;
    for (int b = 0; b < 256; ++b) same = same && (word[b] != 0U) == bits[static_cast<std::size_t>(b)];
    REQUIRE(same);
    const ap_uint<64> part = word.range(high, low);
    REQUIRE(part == (high - low == 63 ? v : v & ((std::uint64_t{1} << (high - low + 1)) - 1)));
  }
  const ap_uint<256> copy = word;
  CHECK(copy == word);
  word[200] = word[200] != 0U ? 0 : 1;
  CHECK(copy != word);
  CHECK(ap_uint<100>(-1).range(99, 64) == (std::uint64_t{1} << 36) - 1);
}

TEST_CASE("hls::stream keeps order and refuses to read nothing", "[kernels]") {
  hls::stream<int> s("words");
  for (int i = 0; i < 3; ++i) s.write(i);
  CHECK(s.size() == 3);
  for (int i = 0; i < 3; ++i) CHECK(s.read() == i);
  CHECK(s.empty());
  CHECK_THROWS_AS(s.read(), std::logic_error);
}
