// SPDX-License-Identifier: Apache-2.0
// Activation functions of the MLP: max(g, 0) minus a bump that is even in g, read from a table and interpolated.
// docs/reference/numbers.md, "SiLU".
#pragma once

#include <cstdint>

#include "hls/requantize.hpp"

namespace squat::hls {

/// Gate and up values are 14 bit: -8192..8191 with `frac` = 6..9 fraction bits.
constexpr std::int32_t kGateMin = -8192;
constexpr std::int32_t kGateMax = 8191;

/// g * sigmoid(g) on the grid 2^-frac. With a = |g|, n = frac - 3, j = a >> n, lo = a mod 2^n:
/// bump = T[j] + rsh((T[j+1] - T[j]) * lo, n), 0 from a = 16.0 on; result max(g, 0) - rsh(bump, 14 - frac).
std::int32_t silu(std::int32_t g, int frac);

/// GPT-2's g/2 * (1 + tanh(sqrt(2/pi) (g + 0.044715 g^3))), the same unit with another table.
std::int32_t gelu(std::int32_t g, int frac);

/// Code of silu(g) * u; |silu(g) * u| <= 2^26. r: product with 2*frac fraction bits -> code.
std::int8_t silu_mul(std::int32_t g, std::int32_t u, int frac, Requant r, bool eight_bit);

/// Code of gelu(g), the MLP without a gate. r: gelu(g) with frac fraction bits -> code.
std::int8_t gelu_code(std::int32_t g, int frac, Requant r, bool eight_bit);

}  // namespace squat::hls
