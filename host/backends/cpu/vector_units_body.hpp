// SPDX-License-Identifier: Apache-2.0
// The loops of vector_units.hpp, for the compiler to vectorise. Each translation unit that includes this names an instruction
// set in SQUAT_CPU_ISA, so that no function compiled for a wide processor is ever linked into code for a narrow one; for the
// same reason nothing here calls an inline function of another header.
#pragma once

#include "hls/layer_norm.hpp"
#include "host/backends/cpu/vector_units.hpp"
#include "hw/gen/squat_spec.hpp"

// On functions for rows of half a head, which may be shorter than the vectors that the compiler would take.
#ifndef SQUAT_SHORT_ROWS
#define SQUAT_SHORT_ROWS
#endif
#define SQUAT_INLINE static inline __attribute__((always_inline))

namespace squat::backends::cpu::SQUAT_CPU_ISA {

// Pointers known to the compiler, so that no accessor of std::array is compiled for this instruction set.
constexpr const std::uint32_t* kExp2 = spec::kExp2.data();
constexpr const std::uint32_t* kRecip = spec::kRecip.data();
constexpr const std::uint32_t* kSiluBump = spec::kSiluBump.data();
constexpr const std::uint32_t* kGeluBump = spec::kGeluBump.data();

/// A rounding right shift by s, 0..62, of |v| < 2^61. The sum is made positive first: vectors have no 64-bit arithmetic shift
/// before AVX-512.
struct Shift {
  std::uint64_t offset;  ///< half a unit of the result, and 2^62
  std::int64_t back;     ///< 2^62 >> s
  int s;
};

SQUAT_INLINE Shift make_shift(int s) {
  constexpr std::uint64_t kBias = std::uint64_t{1} << 62;
  return {kBias + (s == 0 ? 0 : (std::uint64_t{1} << s) >> 1), static_cast<std::int64_t>(kBias >> s), s};
}

SQUAT_INLINE std::int64_t rounded(std::int64_t v, Shift shift) {
  return static_cast<std::int64_t>((static_cast<std::uint64_t>(v) + shift.offset) >> shift.s) - shift.back;
}

SQUAT_INLINE std::int64_t clamped(std::int64_t v, std::int64_t low, std::int64_t high) {
  v = v < low ? low : v;
  return v > high ? high : v;
}

/// Where a code is rounded: 8-bit codes, or 4-bit codes on the 8-bit grid.
struct Code {
  Shift shift;
  std::int64_t low, high;
  int up;  ///< left shift of the result
};

SQUAT_INLINE Code make_code(int s, bool eight_bit, std::int32_t lowest8) {
  return eight_bit ? Code{make_shift(s), lowest8, 127, 0} : Code{make_shift(s + 3), -8, 7, 3};
}

SQUAT_INLINE std::int8_t to_code(std::int64_t v, Code c) {
  const std::int32_t code = static_cast<std::int32_t>(clamped(rounded(v, c.shift), c.low, c.high));
  return static_cast<std::int8_t>(code * (1 << c.up));
}

static void requantize(const std::int32_t* __restrict acc, int n, hls::Requant r, bool eight_bit, std::int32_t lowest8,
                       std::int8_t* __restrict code) {
  const Code c = make_code(static_cast<int>(r.s), eight_bit, lowest8);
  const std::int32_t m = static_cast<std::int32_t>(r.m);
  for (int i = 0; i < n; ++i) code[i] = to_code(std::int64_t{acc[i]} * m, c);
}

static void add_residual(std::int32_t* __restrict x, const std::int32_t* __restrict acc, int n, hls::Requant r) {
  const Shift shift = make_shift(static_cast<int>(r.s));
  const std::int32_t m = static_cast<std::int32_t>(r.m);
  for (int i = 0; i < n; ++i) {
    const std::uint32_t change = static_cast<std::uint32_t>(rounded(std::int64_t{acc[i]} * m, shift));
    x[i] = static_cast<std::int32_t>(static_cast<std::uint32_t>(x[i]) + change);
  }
}

static std::uint32_t largest_magnitude(const std::int32_t* x, int n) {
  std::uint32_t largest = 0;
  for (int i = 0; i < n; ++i) {
    const std::uint32_t u = static_cast<std::uint32_t>(x[i]);
    const std::uint32_t magnitude = x[i] < 0 ? 0U - u : u;
    largest = magnitude > largest ? magnitude : largest;
  }
  return largest;
}

/// hls::norm_input.
SQUAT_INLINE std::int32_t norm_input(std::int64_t x, Shift shift) {
  return static_cast<std::int32_t>(clamped(rounded(x, shift), -32767, 32767));
}

/// hls::norm_input of 32 bits, in 32 bits: the rounding bit is added after the shift, where nothing overflows.
struct NormShift {
  int s, below;       ///< the shift, and that of the bit below
  std::int32_t bits;  ///< 1, or 0 without a shift
};

SQUAT_INLINE NormShift make_norm_shift(int d) { return {d, d == 0 ? 0 : d - 1, d == 0 ? 0 : 1}; }

SQUAT_INLINE std::int32_t norm_input(std::int32_t x, NormShift shift) {
  std::int32_t v = (x >> shift.s) + ((x >> shift.below) & shift.bits);
  v = v < -32767 ? -32767 : v;
  return v > 32767 ? 32767 : v;
}

static std::uint64_t sum_of_squares(const std::int32_t* x, int n, std::int32_t mean, int d) {
  std::uint64_t sum = 0;
  if (mean == 0) {
    const NormShift shift = make_norm_shift(d);
    for (int i = 0; i < n; ++i) {
      const std::int32_t v = norm_input(x[i], shift);
      sum += static_cast<std::uint32_t>(v * v);
    }
    return sum;
  }
  const Shift shift = make_shift(d);
  for (int i = 0; i < n; ++i) {
    const std::int32_t v = norm_input(std::int64_t{x[i]} - mean, shift);
    sum += static_cast<std::uint32_t>(v * v);
  }
  return sum;
}

static void norm(const std::int32_t* __restrict x, int n, RowScale scale, const std::int32_t* __restrict gain, int shift,
                 bool eight_bit, std::int8_t* __restrict code) {
  const NormShift input = make_norm_shift(scale.d);
  const Code c = make_code(shift, eight_bit, -128);
  // hls::norm_unit in 32 bits: magnitudes below 2^15 times r, at most 2^17, leave room for half a unit of the shift by k - 8,
  // at most 15. Where k is below 8 the sum of squares is below 2^16, and the shift goes left. Either result has 25 bits. Halves
  // are rounded up, so down in magnitude for a negative value.
  const int right = scale.k >= 8 ? scale.k - 8 : 0;
  const std::uint32_t r = scale.r << (scale.k >= 8 ? 0 : 8 - scale.k);
  const std::uint32_t half = (1U << right) >> 1;
  const std::uint32_t unless_exact = right == 0 ? 0U : ~0U;
  for (int i = 0; i < n; ++i) {
    const std::int32_t v = norm_input(x[i], input);
    const std::int32_t sign = v >> 31;
    const std::uint32_t product = static_cast<std::uint32_t>((v ^ sign) - sign) * r;
    const std::uint32_t rounding = half + (static_cast<std::uint32_t>(sign) & unless_exact);
    const std::int32_t wide = static_cast<std::int32_t>((product + rounding) >> right);
    code[i] = to_code(std::int64_t{(wide ^ sign) - sign} * gain[i], c);
  }
}

static void layer_norm(const std::int32_t* __restrict x, int n, std::int32_t mean, RowScale scale,
                       const std::int32_t* __restrict gain, const std::int32_t* __restrict beta, int shift, bool eight_bit,
                       std::int8_t* __restrict code) {
  const Shift input = make_shift(scale.d);
  const Code c = make_code(hls::kBetaFraction, eight_bit, -128);
  const std::int32_t r = static_cast<std::int32_t>(scale.r);
  const Shift unit = make_shift(scale.k >= 8 ? scale.k - 8 : 0);
  const std::int64_t left = scale.k >= 8 ? 1 : std::int64_t{1} << (8 - scale.k);
  Shift down = make_shift(shift - hls::kBetaFraction);
  down.offset = std::uint64_t{1} << 62;  // rounded down, not to the nearest
  for (int i = 0; i < n; ++i) {
    const std::int64_t product = std::int64_t{norm_input(std::int64_t{x[i]} - mean, input)} * r;
    const std::int64_t wide = scale.k >= 8 ? rounded(product, unit) : product * left;
    code[i] = to_code(rounded(wide * gain[i], down) + beta[i], c);
  }
}

SQUAT_SHORT_ROWS static void rope(const std::int32_t* __restrict acc, int half, hls::Requant r,
                                  const std::int32_t* __restrict cos, const std::int32_t* __restrict sin, bool eight_bit,
                                  std::int8_t* __restrict code) {
  const Shift shift = make_shift(static_cast<int>(r.s));
  const Code c = make_code(21, eight_bit, hls::kAttentionMin);
  const std::int32_t m = static_cast<std::int32_t>(r.m);
  for (int i = 0; i < half; ++i) {
    const std::int32_t a = static_cast<std::int32_t>(clamped(rounded(std::int64_t{acc[i]} * m, shift), -32768, 32767));
    const std::int32_t b = static_cast<std::int32_t>(clamped(rounded(std::int64_t{acc[i + half]} * m, shift), -32768, 32767));
    // Each product is below 2^29 + 1, so both sums fit 31 bits.
    code[i] = to_code(a * cos[i] - b * sin[i], c);
    code[i + half] = to_code(b * cos[i] + a * sin[i], c);
  }
}

/// hls::bit_length of a non-zero value.
SQUAT_INLINE int bit_length(std::uint64_t v) { return 64 - __builtin_clzll(v); }

static void softmax(const std::int32_t* __restrict scores, int n, hls::Requant r, std::uint8_t* __restrict code,
                    std::uint32_t& wide0, std::int32_t& code_sum) {
  std::int32_t largest = scores[0];
  for (int j = 1; j < n; ++j) largest = scores[j] > largest ? scores[j] : largest;
  const Shift distance = make_shift(static_cast<int>(r.s));
  const std::int32_t m = static_cast<std::int32_t>(r.m);
  std::uint32_t e[4096];  // hls::kMaxKeys
  for (int j = 0; j < n; ++j) {
    const std::int64_t below = std::int64_t{largest} - scores[j];
    const std::uint32_t t = static_cast<std::uint32_t>(clamped(rounded(below * m, distance), 0, 31 << 12));
    const std::uint32_t octave = t >> 12, entry = (t >> 6) & 63U;
    const std::uint32_t high = kExp2[entry];
    const std::uint32_t value = high - (((high - kExp2[entry + 1]) * (t & 63U) + 32U) >> 6);
    e[j] = (value + ((1U << octave) >> 1)) >> octave;
  }
  std::uint64_t sum = 0;
  for (int j = 0; j < n; ++j) sum += e[j];
  const int bits = bit_length(sum);
  // hls::reciprocal_mantissa
  const std::uint64_t mantissa = static_cast<std::uint32_t>(sum >> (bits - 18));
  const std::uint64_t r0 = kRecip[(mantissa >> 10) & 255U];
  const std::uint64_t inverse = (r0 * ((std::uint64_t{1} << 19) - ((mantissa * r0) >> 15))) >> 17;
  const std::uint64_t half = (std::uint64_t{1} << bits) >> 1;
  wide0 = static_cast<std::uint32_t>((e[0] * inverse + half) >> bits);
  std::uint32_t total = 0;
  for (int j = 0; j < n; ++j) {
    const std::uint32_t wide = static_cast<std::uint32_t>((e[j] * inverse + half) >> bits);
    const std::uint32_t rounded8 = (wide + 128U) >> 8;
    const std::uint32_t p = rounded8 > 255U ? 255U : rounded8;
    code[j] = static_cast<std::uint8_t>(p);
    total += p;
  }
  code_sum = static_cast<std::int32_t>(total);
}

/// hls::silu or hls::gelu of a 14-bit value, by the bump table.
SQUAT_INLINE std::int32_t activation(std::int32_t g, int frac, const std::uint32_t* table) {
  const std::int32_t a = g < 0 ? -g : g;
  const std::int32_t positive = g < 0 ? 0 : g;
  const int n = frac - 3;
  const std::int32_t last = (16 << frac) - 1;
  const std::int32_t inside = a > last ? last : a;  // the table ends there; values beyond have no bump
  const std::int32_t j = inside >> n, lo = inside & ((1 << n) - 1);
  const std::int32_t first = static_cast<std::int32_t>(table[j]), next = static_cast<std::int32_t>(table[j + 1]);
  const std::int32_t bump = first + (((next - first) * lo + (1 << (n - 1))) >> n);
  const std::int32_t reduced = (bump + ((1 << (14 - frac)) >> 1)) >> (14 - frac);
  return positive - (a > last ? 0 : reduced);
}

static void silu_mul(const std::int32_t* __restrict gate, hls::Requant gate_fixed, const std::int32_t* __restrict up,
                     hls::Requant up_fixed, int n, int frac, hls::Requant r, bool eight_bit, std::int8_t* __restrict code) {
  const Shift gate_shift = make_shift(static_cast<int>(gate_fixed.s)), up_shift = make_shift(static_cast<int>(up_fixed.s));
  const Code c = make_code(static_cast<int>(r.s), eight_bit, -128);
  const std::int32_t gate_m = static_cast<std::int32_t>(gate_fixed.m), up_m = static_cast<std::int32_t>(up_fixed.m);
  const std::int32_t m = static_cast<std::int32_t>(r.m);
  for (int i = 0; i < n; ++i) {
    const std::int32_t g = static_cast<std::int32_t>(clamped(rounded(std::int64_t{gate[i]} * gate_m, gate_shift), -8192, 8191));
    const std::int32_t u = static_cast<std::int32_t>(clamped(rounded(std::int64_t{up[i]} * up_m, up_shift), -8192, 8191));
    code[i] = to_code(std::int64_t{activation(g, frac, kSiluBump) * u} * m, c);
  }
}

static void gelu(const std::int32_t* __restrict up, hls::Requant up_fixed, int n, int frac, hls::Requant r, bool eight_bit,
                 std::int8_t* __restrict code) {
  const Shift shift = make_shift(static_cast<int>(up_fixed.s));
  const Code c = make_code(static_cast<int>(r.s), eight_bit, -128);
  const std::int32_t up_m = static_cast<std::int32_t>(up_fixed.m), m = static_cast<std::int32_t>(r.m);
  for (int i = 0; i < n; ++i) {
    const std::int32_t u = static_cast<std::int32_t>(clamped(rounded(std::int64_t{up[i]} * up_m, shift), -8192, 8191));
    code[i] = to_code(std::int64_t{activation(u, frac, kGeluBump)} * m, c);
  }
}

static std::int32_t sum(const std::int8_t* code, int n) {
  std::int32_t total = 0;
  for (int i = 0; i < n; ++i) total += code[i];
  return total;
}

static std::uint64_t read(const std::uint64_t* words, std::size_t n) {
  // Independent sums, so that no operation waits for the one before.
  std::uint64_t x[32] = {};
  std::size_t i = 0;
  for (; i + 32 <= n; i += 32) {
    for (std::size_t j = 0; j < 32; ++j) x[j] ^= words[i + j];
  }
  for (; i < n; ++i) x[0] ^= words[i];
  std::uint64_t all = 0;
  for (std::size_t j = 0; j < 32; ++j) all ^= x[j];
  return all;
}

constexpr VectorUnits make_units(const char* name) {
  return {name, requantize, add_residual, largest_magnitude, sum_of_squares, norm, layer_norm, rope, softmax, silu_mul,
          gelu, sum,        read};
}

}  // namespace squat::backends::cpu::SQUAT_CPU_ISA

#undef SQUAT_INLINE
#undef SQUAT_SHORT_ROWS
