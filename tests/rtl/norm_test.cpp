// SPDX-License-Identifier: Apache-2.0
// norm commands of squat_vec against hls::rms_norm and hls::layer_norm (every code), RMSNorm against libm too (at most 1 off,
// 99.9 % equal or 1 off, never more than 2); tests/hls judges LayerNorm with inputs for which its mean is known well enough.
#include <algorithm>
#include <cmath>

#include "hls/layer_norm.hpp"
#include "hls/rms_norm.hpp"
#include "tests/rtl/vec_bench.hpp"

using namespace squat;
using namespace squat::rtl_test;

namespace {

struct NormCase {
  std::uint32_t words = 4, tokens = 1, first = 0;
  bool grouped = true;
  std::uint32_t ks = 0;
  int magnitude_bits = 20;
  std::uint32_t shift = 36;
  std::uint64_t eps = 1000;
  bool centred = false;
  int offset_bits = 0;  ///< magnitude of a mean added to each row; 32: equal extremes
  bool judged = true;   ///< RMSNorm: against libm too
};

/// 1/n to 17 bits.
hls::Requant reciprocal(std::uint32_t n) {
  hls::Requant r{0, 16};
  while (std::ldexp(1.0, static_cast<int>(r.s)) / n < 65536.0) ++r.s;
  r.m = static_cast<std::uint32_t>(std::llround(std::ldexp(1.0, static_cast<int>(r.s)) / n));
  return r;
}

/// Runs one command and checks every code; returns the cycles.
std::uint64_t check_norm(VecBench& b, const NormCase& c) {
  const std::uint32_t n = c.words * 16;
  const std::uint32_t stride = c.words + b.below(3);
  const std::uint32_t base = b.below((VecBench::kVectorWords - stride * 128 + 1));
  const std::uint32_t bank = b.below(2);
  const auto table = b.below(2);
  const Region region{b.below(2000), c.ks ? c.ks : n + 16 * b.below(3), c.ks};
  std::vector<std::uint8_t> eight(128);
  for (auto& e : eight) e = static_cast<std::uint8_t>(b.below(2));
  b.set_table(static_cast<int>(table), eight);
  std::vector<std::int32_t> gain(n), beta(n);
  for (std::uint32_t i = 0; i < n; ++i) {
    gain[i] = static_cast<std::int32_t>(b.random() % (1 << 18)) - (1 << 17);
    b.gain[bank * 64 + i / 16][i % 16] = static_cast<std::uint32_t>(gain[i]);
    // Small offsets and the whole range; RMSNorm must not see them.
    beta[i] = static_cast<std::int32_t>(static_cast<std::uint32_t>(b.random()) & 0xffffffU) - (1 << 23);
    if (b.random() % 8 != 0) beta[i] >>= 9 + b.below(8);
    b.beta[bank * 64 + i / 16][i % 16] = static_cast<std::uint32_t>(beta[i]);
  }
  std::vector<std::vector<std::int32_t>> rows(c.tokens, std::vector<std::int32_t>(n));
  for (std::uint32_t r = 0; r < c.tokens; ++r) {
    const int kind = static_cast<int>(b.random() % 8);
    const int bits = 1 + static_cast<int>(b.random() % static_cast<unsigned>(c.magnitude_bits));
    for (std::uint32_t i = 0; i < n; ++i) {
      std::int32_t x = static_cast<std::int32_t>(b.random()) >> (32 - bits);
      if (kind == 0) x = 0;
      // One element as far as its bits allow, of either sign: rounding its 16 bits saturates.
      const auto peak = static_cast<std::int32_t>((std::int64_t{1} << (bits - 1)) - 1);
      if (kind == 1) x = i == 5 ? (bits % 2 == 0 ? -peak : peak) : x >> 8;
      if (kind == 2 && bits == 32 && i % 7 == 0) x = INT32_MIN;
      if (c.offset_bits == 32) x = r % 3 == 0 ? INT32_MIN : r % 3 == 1 ? INT32_MAX : (i % 5 == 0 ? INT32_MIN : INT32_MAX);
      if (c.offset_bits > 0 && c.offset_bits < 32) {
        const std::int64_t moved = std::int64_t{x} + (r % 2 == 0 ? 1 : -1) * ((std::int64_t{1} << c.offset_bits) - 1);
        x = static_cast<std::int32_t>(std::clamp<std::int64_t>(moved, INT32_MIN, INT32_MAX));
      }
      rows[r][i] = x;
      b.vector[(base + (c.first + r) * stride) * 16 + i] = x;
    }
  }
  const hls::Requant mean = reciprocal(n);
  b.forget_codes();
  const std::uint64_t cycles = b.run(Command(spec::kOpNorm)
                                         .set(spec::kNormGrouped, c.grouped)
                                         .set(spec::kNormOutTable, table)
                                         .set(spec::kNormGainBank, bank)
                                         .set(spec::kNormCentred, c.centred)
                                         .set(spec::kNormM0, mean.m)
                                         .set(spec::kNormS0, mean.s)
                                         .set(spec::kNormTokens, c.tokens)
                                         .set(spec::kNormFirstToken, c.first)
                                         .set(spec::kNormWords, c.words)
                                         .set(spec::kNormShift, c.shift)
                                         .set(spec::kNormXBase, base)
                                         .set(spec::kNormXStride, stride)
                                         .set(spec::kNormEpsLow, c.eps & 0xffffffffU)
                                         .set(spec::kNormEpsHigh, c.eps >> 32)
                                         .set(spec::kNormOBase, region.base)
                                         .set(spec::kNormOStride, region.stride)
                                         .set(spec::kNormOKs, region.ks));
  CHECK(b.error == -1);
  CHECK(b.words_written == std::uint64_t{c.tokens} * c.words);
  std::size_t differ = 0;
  std::size_t off_by_one = 0;
  std::size_t off_by_more = 0;
  for (std::uint32_t r = 0; r < c.tokens; ++r) {
    const std::uint32_t token = c.first + r;
    const bool wide = !c.grouped || eight[token] != 0;
    const std::uint32_t slot = c.grouped && c.ks == 0 ? b.tables[table].slot[token] : r;
    std::vector<std::int8_t> expected(n);
    const int shift = static_cast<int>(c.shift);
    if (c.centred) {
      hls::layer_norm(rows[r].data(), static_cast<int>(n), gain.data(), beta.data(), {mean, c.eps, shift}, wide,
                      expected.data());
    } else {
      hls::rms_norm(rows[r].data(), static_cast<int>(n), gain.data(), {c.eps, shift}, wide, expected.data());
    }
    double sum = static_cast<double>(c.eps);
    for (const auto x : rows[r]) sum += static_cast<double>(x) * x;
    for (std::uint32_t i = 0; i < n; ++i) {
      const int got = b.code_of(slot, i, region);
      if (got != expected[i]) ++differ;
      if (c.centred || !c.judged) continue;
      const double y = sum == 0 ? 0.0 : rows[r][i] / std::sqrt(sum) * gain[i] * std::ldexp(1.0, 24 - shift);
      const double ideal =
          wide ? std::clamp(std::nearbyint(y), -128.0, 127.0) : 8 * std::clamp(std::nearbyint(y / 8), -8.0, 7.0);
      const double error = std::abs(got - ideal) / (wide ? 1 : 8);
      if (error > 1) ++off_by_one;
      if (error > 2) ++off_by_more;
    }
  }
  CHECK(differ == 0);
  CHECK(off_by_one * 1000 <= std::size_t{c.tokens} * n);
  CHECK(off_by_more == 0);
  return cycles;
}

}  // namespace

TEST_CASE("norm of every row length, one token") {
  VecBench b(11);
  for (std::uint32_t words = 1; words <= 64; ++words) {
    INFO("words " << words);
    NormCase c;
    c.words = words;
    check_norm(b, c);
    c.centred = true;
    check_norm(b, c);
  }
}

TEST_CASE("norm of random shapes under random stalls") {
  VecBench b(12);
  for (int i = 0; i < 60; ++i) {
    NormCase c;
    c.words = 1 + b.below(i % 4 == 0 ? 64 : 12);
    c.tokens = 1 + b.below((i % 4 == 0 ? 8 : 128));
    c.first = b.below((129 - c.tokens));
    c.grouped = b.below(2) != 0;
    c.magnitude_bits = 2 + static_cast<int>(b.random() % 31);
    c.shift = 24 + b.below(16);
    c.centred = i % 2 != 0;
    c.eps = b.random() >> (19 + b.below(45));  // below 2^45
    b.stalls(20 + static_cast<int>(b.random() % 81), 20 + static_cast<int>(b.random() % 81));
    INFO("case " << i << " words " << c.words << " tokens " << c.tokens << " shift " << c.shift << " eps " << c.eps);
    check_norm(b, c);
  }
}

// Rows with a large mean, of equal elements, of extremes: mean, its clamp and the shift of one bit more.
TEST_CASE("LayerNorm of offset rows, and every gain shift of both norms") {
  VecBench b(15);
  b.stalls(60, 60);
  for (int i = 0; i < 24; ++i) {
    NormCase c;
    c.words = 1 + b.below(64);
    c.tokens = 1 + b.below(6);
    c.centred = true;
    c.magnitude_bits = 4 + static_cast<int>(b.random() % 29);
    c.offset_bits = i % 3 == 0 ? 32 : static_cast<int>(b.random() % 32);
    c.eps = b.random() >> (19 + b.below(45));
    INFO("case " << i << " words " << c.words << " offset bits " << c.offset_bits);
    check_norm(b, c);
  }
  for (std::uint32_t shift = 1; shift <= 59; ++shift) {
    NormCase c;
    c.tokens = 3;
    c.shift = shift;
    c.judged = false;  // gains of such a shift are no gains of a model
    INFO("shift " << shift);
    check_norm(b, c);
    c.centred = true;
    if (shift >= static_cast<std::uint32_t>(hls::kMinLayerNormShift)) check_norm(b, c);
  }
}

TEST_CASE("norm into a banded region") {
  VecBench b(13);
  for (const bool grouped : {false, true}) {
    for (std::uint32_t words = 4; words <= 64; words += 4) {
      NormCase c;
      c.words = words;
      c.ks = words * 4;
      c.tokens = 1 + b.below(4);
      c.first = b.below(100);
      c.grouped = grouped;
      c.centred = words % 8 == 0;
      b.stalls(70, 70);
      INFO("words " << words << " grouped " << grouped);
      check_norm(b, c);
    }
  }
}

TEST_CASE("norm keeps up with one word a cycle") {
  VecBench b(14);
  for (const std::uint32_t words : {4U, 8U, 16U, 32U, 64U}) {
    NormCase c;
    c.words = words;
    c.tokens = 128;
    const std::uint64_t cycles = check_norm(b, c);
    WARN("norm, " << words << " words, 128 rows: " << static_cast<double>(cycles) / 128
                  << " cycles a row, one row: " << (c.tokens = 1, check_norm(b, c)));
    CHECK(cycles <= 128 * std::max(words + 1, 10U) + 2 * words + 60);
    c.tokens = 128;
    c.centred = true;
    CHECK(check_norm(b, c) <= cycles + 8);
    c.tokens = 1;
    const std::uint64_t centred = check_norm(b, c);
    c.centred = false;
    CHECK(centred == check_norm(b, c) + 4);
  }
}
