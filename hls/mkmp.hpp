// SPDX-License-Identifier: Apache-2.0
// Multi-kernel multi-precision (MKMP) multiplication: one 27x18 DSP multiplier does 2 or 4 products per step (Squat, arXiv
// 2402.10787). Products are summed in the DSP's 48-bit register for kExtractPeriod steps, then its fields are split and added
// to int32 accumulators.
#pragma once

#include <cstdint>

#include "hls/leaves/packing.hpp"

namespace squat::hls {

/// Does v fit a signed field of `bits` bits?
constexpr bool fits_signed(std::int64_t v, int bits) {
  return v >= -(std::int64_t{1} << (bits - 1)) && v < (std::int64_t{1} << (bits - 1));
}

/// The 27-bit operand. w4: -8..7 each. w8: -127..127 each (see kAttentionMin in hls/requantize.hpp).
constexpr std::int32_t pack_w4(std::int32_t w1, std::int32_t w0) {
  return static_cast<std::int32_t>(leaf::pack_w4<NativeNumbers>(w1, w0));
}
constexpr std::int32_t pack_w8(std::int32_t w1, std::int32_t w0) {
  return static_cast<std::int32_t>(leaf::pack_w8<NativeNumbers>(w1, w0));
}

/// The 18-bit operand: one activation, -128..255, or two of -8..7.
constexpr std::int32_t pack_a8(std::int32_t a) { return a; }
constexpr std::int32_t pack_a44(std::int32_t a1, std::int32_t a0) {
  return static_cast<std::int32_t>(leaf::pack_a44<NativeNumbers>(a1, a0));
}

static_assert(fits_signed(pack_w4(-8, -8), 27) && fits_signed(pack_w4(7, 7), 27), "int4 weights fit the port");
static_assert(fits_signed(pack_w8(-127, -127), 27) && fits_signed(pack_w8(127, 127), 27), "narrow int8 weights fit the port");
static_assert(!fits_signed(pack_w8(-128, -1), 27), "full-range int8 weights do not, hence kAttentionMin");
static_assert(fits_signed(pack_a44(-8, -8), 18) && fits_signed(pack_a44(7, 7), 18) && fits_signed(pack_a8(255), 18));

// A field must hold the sum of one period; every field above the lowest is right after the borrow of the one below is given
// back.
static_assert(fits_signed(kExtractPeriod * 64, kShiftPair) && fits_signed(kExtractPeriod * -64, kShiftPair),
              "W4A4, full range");
static_assert(fits_signed(kExtractPeriod * 8 * 128, kShift4) && fits_signed(kExtractPeriod * -8 * 128, kShift4),
              "W4A8, full range");
static_assert(fits_signed(kExtractPeriod * 128 * 128, kShift8), "8x8 signed, even at full range");
static_assert(fits_signed(kExtractPeriod * -128 * 255, kShift8), "8x8 with unsigned probabilities");
static_assert(kShift4 == 2 * kShiftPair && kShift4 + kShiftPair + kShiftPair <= 48, "four fields in the 48-bit register");

/// Keeps the low 48 bits, sign extended: what the DSP's register holds.
constexpr std::int64_t wrap48(std::int64_t p) { return static_cast<std::int64_t>(static_cast<std::uint64_t>(p) << 16) >> 16; }

/// One step: p + a * b in 48 bits.
constexpr std::int64_t mkmp_step(std::int64_t p, std::int32_t a27, std::int32_t b18) {
  return wrap48(leaf::multiply_add<NativeNumbers>(p, a27, b18));
}

/// The sums of a register. Two-product modes: sum[0] of w0, sum[1] of w1. kW4A4: w0*a0, w0*a1, w1*a0, w1*a1.
struct MkmpSums {
  std::int32_t sum[4] = {0, 0, 0, 0};
};
MkmpSums mkmp_split(MkmpMode mode, std::int64_t p);

/// Linear layer through the packed multiplier: out[token][row] = sum over columns of weight * code, exact int32 on the 8-bit
/// grid. weights (rows, cols) row-major, four_bit: -8..7, else -127..127. codes (tokens, cols): int8, a 4-bit token's codes are
/// multiples of 8. eight (tokens): 1 = 8-bit token; with four_bit weights the others go in pairs at four products a step (the
/// last of an odd number alone) and their sums are shifted left by 3. 8-bit weights treat every code as int8.
void mkmp_gemm(const std::int8_t* weights, int rows, int cols, bool four_bit, const std::int8_t* codes, int tokens,
               const std::uint8_t* eight, std::int32_t* out);

/// The same for unsigned probabilities (tokens, cols) and int8 stationary values (rows, cols), -127..127.
void mkmp_gemm_unsigned(const std::int8_t* values, int rows, int cols, const std::uint8_t* codes, int tokens,
                        std::int32_t* out);

}  // namespace squat::hls
