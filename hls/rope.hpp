// SPDX-License-Identifier: Apache-2.0
// Rotary position embedding with integer phases, fused with quantisation of queries and keys.
// docs/reference/numbers.md, "RoPE".
#pragma once

#include <cstdint>

namespace squat::hls {

/// cos and sin with 14 fraction bits, -16384..16384.
struct SinCos {
  std::int16_t cos = 0;
  std::int16_t sin = 0;
};

/// sin(2*pi * phase / 2^32), 14 fraction bits.
/// The phase is folded into the first quarter, p = 0..2^30. With i = p >> 22 and f = (p >> 6) mod 2^16 the result is
/// rsh(S[i] * 2^16 + (S[i+1] - S[i]) * f, 20) from the table S of 257 entries with 18 fraction bits (f = 0 at i = 256); the
/// sign is applied after rounding, so that sin(-p) = -sin(p). Never more than 1 unit from round(sin * 2^14), and equal to it
/// for more than 95 % of phases.
std::int32_t sine(std::uint32_t phase);

/// Angle of a position: phase = position * step mod 2^32, in 2^-32 turns; cos(phase) = sine(phase + 2^30).
SinCos rope_sincos(std::uint32_t position, std::uint32_t step);

/// Rotates (p1, p2) = dimensions (i, i + head_dim/2) of a head, int16 on the site grid with 7 fraction bits, and quantises:
/// y1 = p1*cos - p2*sin, y2 = p2*cos + p1*sin, code = clamp(rsh(y, 21)) or clamp(rsh(y, 24), -8, 7) << 3.
/// 8-bit codes are narrow (kAttentionMin in hls/requantize.hpp).
void rope_pair(std::int32_t p1, std::int32_t p2, SinCos cs, bool eight_bit, std::int8_t& y1, std::int8_t& y2);

}  // namespace squat::hls
