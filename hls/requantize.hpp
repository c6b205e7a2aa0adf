// SPDX-License-Identifier: Apache-2.0
// Fixed-point rescaling shared by every device: y = sat((acc*m + 2^(s-1)) >> s), rounding half up.
// docs/reference/numbers.md, "Requantise". One 27x18 DSP multiplication in hardware.
#pragma once

#include <cstdint>

#include "hls/leaves/requantizing.hpp"

namespace squat::hls {

/// Multiplier and shift of one requantisation: real factor = m * 2^-s.
struct Requant {
  std::uint32_t m = 0;  ///< 2^16 .. 2^17-1 (or 0: factor too small to matter)
  std::uint32_t s = 1;  ///< 1 .. 46
};

constexpr std::int64_t clamp64(std::int64_t v, std::int64_t lo, std::int64_t hi) { return v < lo ? lo : (v > hi ? hi : v); }

/// Arithmetic shift right by n with rounding half up; n in 0..62. rsh(v, 0) = v.
constexpr std::int64_t rsh(std::int64_t v, unsigned n) { return leaf::round_shift<NativeNumbers>(v, n); }

/// acc * m * 2^-s, rounded half up, clamped to [lo, hi]. |acc| < 2^26 at every site.
constexpr std::int32_t requantize(std::int64_t acc, Requant r, std::int32_t lo, std::int32_t hi) {
  return static_cast<std::int32_t>(leaf::requantize<NativeNumbers>(acc, r.m, r.s, lo, hi));
}

/// An 8-bit code, or a 4-bit code shown on the 8-bit grid (c << 3): rounded once, from the accumulator.
constexpr std::int8_t requantize_code(std::int64_t acc, Requant r, bool eight_bit) {
  return static_cast<std::int8_t>(leaf::requantize_code<NativeNumbers>(acc, r.m, r.s, eight_bit, -128));
}

/// x + acc * m * 2^-s on the residual stream (16 fraction bits), rounded half up. Nothing is clamped: the low 32 bits remain.
constexpr std::int32_t add_residual(std::int32_t x, std::int64_t acc, Requant r) {
  return static_cast<std::int32_t>(static_cast<std::uint32_t>(x) +
                                   static_cast<std::uint32_t>(rsh(acc * static_cast<std::int64_t>(r.m), r.s)));
}

/// Lower clamp of 8-bit query, key and value codes. Keys and values are the stationary operand of attention products, where two
/// of them are packed 19 bits apart: (-128 << 19) - 1 would leave the 27-bit port of the multiplier. 4-bit codes keep [-8, 7].
constexpr std::int32_t kAttentionMin = -127;

/// requantize_code for value codes.
constexpr std::int8_t requantize_attention_code(std::int64_t acc, Requant r, bool eight_bit) {
  return static_cast<std::int8_t>(leaf::requantize_code<NativeNumbers>(acc, r.m, r.s, eight_bit, kAttentionMin));
}

}  // namespace squat::hls
