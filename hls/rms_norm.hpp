// SPDX-License-Identifier: Apache-2.0
// RMSNorm fused with quantisation of its result: code = round(x / rms(x) * gamma / scale).
// docs/reference/numbers.md, "RMSNorm". Against double precision: at most 1 code off.
#pragma once

#include <cstdint>

namespace squat::hls {

constexpr int kMaxNorm = 4096;  ///< longest vector

struct NormParams {
  std::uint64_t eps = 0;  ///< round(n * eps * 2^32), below 2^45
  int shift = 24;         ///< 24 + fraction bits of the gains; 1..59
};

/// What one vector needs before its elements can be scaled: 1/sqrt(sum of squares) = r * 2^-(16 + k) for inputs shifted right
/// by d.
struct NormScale {
  int d = 0;            ///< right shift of the inputs, 0..17 (LayerNorm: ..18)
  std::uint32_t r = 0;  ///< Q1.16, 2^16..2^17 (0 only for a zero vector with eps 0)
  int k = 0;            ///< half the bit length of the sum of squares, rounded up; 0..23
};

/// Right shift that brings the largest magnitude below 2^15; never a left shift, so that eps keeps its scale.
int norm_down_shift(std::uint32_t largest_magnitude);

/// An input as the unit sees it: x (|x| <= 2^32) shifted right by d with rounding half up, clamped to +-32767.
std::int32_t norm_input(std::int64_t x, int d);

/// 1/sqrt(m * 2^-18) in Q1.16 for 2^16 <= m < 2^18: table and one Newton step, relative error below 2^-13.
std::uint32_t rsqrt_mantissa(std::uint32_t m);

/// r and k of a sum of squares (eps included), below 2^46.
NormScale norm_scale_of_sum(std::uint64_t sum, int d);

/// Scale of the vector x (n), 1 <= n <= kMaxNorm; x has 16 fraction bits.
NormScale norm_scale(const std::int32_t* x, int n, std::uint64_t eps);

/// x / rms(x) of one element, x with 16 fraction bits; 24 fraction bits, 25 bits in all.
std::int64_t norm_unit(std::int64_t x, NormScale scale);

/// One element: x with 16 fraction bits, gain signed 18 bit.
std::int8_t norm_code(std::int32_t x, NormScale scale, std::int32_t gain, int shift, bool eight_bit);

/// x (n), gain (n) -> code (n): 8-bit codes, or 4-bit codes on the 8-bit grid.
void rms_norm(const std::int32_t* x, int n, const std::int32_t* gain, NormParams p, bool eight_bit, std::int8_t* code);

}  // namespace squat::hls
