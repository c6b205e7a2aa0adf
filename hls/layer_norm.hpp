// SPDX-License-Identifier: Apache-2.0
// LayerNorm fused with quantisation of its result: code = round((x - mean) / deviation * gamma / scale + beta / scale).
// The mean is taken off the inputs; from there on it is RMSNorm with an offset. docs/reference/numbers.md, "LayerNorm".
#pragma once

#include <cstdint>

#include "hls/requantize.hpp"
#include "hls/rms_norm.hpp"

namespace squat::hls {

constexpr int kBetaFraction = 8;                       ///< fraction bits of an offset, on the 8-bit grid
constexpr std::int32_t kBetaMax = (1 << 23) - 1;       ///< offsets are signed 24 bit
constexpr int kMinLayerNormShift = kBetaFraction + 1;  ///< smallest shift of the gain product

struct LayerNormParams {
  Requant mean;           ///< 1/n: factor m * 2^-s
  std::uint64_t eps = 0;  ///< round(n * eps * 2^32), below 2^45
  int shift = 24;         ///< 24 + fraction bits of the gains; kMinLayerNormShift..59
};

/// Mean of x (n), 1 <= n <= kMaxNorm: rsh(sum * m, s). Same fraction bits as x.
std::int32_t layer_mean(const std::int32_t* x, int n, Requant mean);

/// Scale of x - mean (n). The right shift d follows from the largest |x|, one bit more than in RMSNorm: |x - mean| is below
/// twice that. So the mean is needed only when the elements are read again.
NormScale layer_norm_scale(const std::int32_t* x, int n, std::int32_t mean, std::uint64_t eps);

/// One element: centred = x - mean with 16 fraction bits, gain signed 18 bit, beta with kBetaFraction fraction bits on the
/// 8-bit grid. The gain product is cut (not rounded) to kBetaFraction fraction bits before beta is added; one rounding follows.
std::int8_t layer_norm_code(std::int64_t centred, NormScale scale, std::int32_t gain, std::int32_t beta, int shift,
                            bool eight_bit);

/// x (n), gain (n), beta (n) -> code (n): 8-bit codes, or 4-bit codes on the 8-bit grid.
void layer_norm(const std::int32_t* x, int n, const std::int32_t* gain, const std::int32_t* beta, LayerNormParams p,
                bool eight_bit, std::int8_t* code);

}  // namespace squat::hls
