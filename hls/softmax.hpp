// SPDX-License-Identifier: Apache-2.0
// Softmax of one row of attention scores in base 2, without division: unsigned 8-bit probabilities with scale 2^-8.
// docs/reference/numbers.md, "Softmax".
#pragma once

#include <cstdint>

#include "hls/requantize.hpp"

namespace squat::hls {

constexpr int kMaxKeys = 4096;  ///< longest row

/// Distance below the row maximum (>= 0) to log2 units with 12 fraction bits, capped at 31.
std::uint32_t softmax_distance(std::uint64_t below_max, Requant r);

/// 2^-(t * 2^-12) with 20 fraction bits, t in 0..31*4096: 64 entries per octave, linear interpolation, rounded shift.
std::uint32_t exp2_negative(std::uint32_t t);

/// 1/(m * 2^-18) in Q1.16 for 2^17 <= m < 2^18: table and one Newton step, relative error below 2^-15.
std::uint32_t reciprocal_mantissa(std::uint32_t m);

/// 1 / sum = r * 2^-(16 + n).
struct Reciprocal {
  std::uint32_t r = 0;  ///< Q1.16, 2^16..2^17
  int n = 0;            ///< bit length of the sum
};

/// 2^20 <= sum <= 2^32, which always holds because the maximum contributes 2^20.
Reciprocal reciprocal(std::uint64_t sum);

/// One probability with 16 fraction bits, 0..65536.
std::uint32_t wide_probability(std::uint32_t e, Reciprocal inverse);

/// The 8-bit code of a wide probability: min(255, rsh(wide, 8)).
std::uint8_t probability_code(std::uint32_t wide);

/// scores (n) -> code (n), 1 <= n <= kMaxKeys; r: score difference -> log2 units with 12 fraction bits.
/// wide0: probability of key 0 with 16 fraction bits, which feeds the token score.
void softmax_row(const std::int32_t* scores, int n, Requant r, std::uint8_t* code, std::uint32_t& wide0);

}  // namespace squat::hls
