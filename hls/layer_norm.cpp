// SPDX-License-Identifier: Apache-2.0
#include "hls/layer_norm.hpp"

#include "hls/bits.hpp"

namespace squat::hls {

std::int32_t layer_mean(const std::int32_t* x, int n, Requant mean) {
  std::int64_t sum = 0;  // 44 bits
  for (int i = 0; i < n; ++i) sum += x[i];
  return static_cast<std::int32_t>(clamp64(rsh(sum * static_cast<std::int64_t>(mean.m), mean.s), INT32_MIN, INT32_MAX));
}

NormScale layer_norm_scale(const std::int32_t* x, int n, std::int32_t mean, std::uint64_t eps) {
  std::uint32_t largest = 0;
  for (int i = 0; i < n; ++i) {
    const std::uint32_t u = static_cast<std::uint32_t>(x[i]);
    const std::uint32_t magnitude = x[i] < 0 ? 0U - u : u;
    if (magnitude > largest) largest = magnitude;
  }
  const int excess = bit_length(largest) - 14;
  const int d = excess > 0 ? excess : 0;
  std::uint64_t sum = eps >> (2 * d);
  for (int i = 0; i < n; ++i) {
    const std::int32_t v = norm_input(static_cast<std::int64_t>(x[i]) - mean, d);
    sum += static_cast<std::uint64_t>(static_cast<std::int64_t>(v) * v);
  }
  return norm_scale_of_sum(sum, d);
}

std::int8_t layer_norm_code(std::int64_t centred, NormScale scale, std::int32_t gain, std::int32_t beta, int shift,
                            bool eight_bit) {
  const std::int64_t product = norm_unit(centred, scale) * gain;
  const std::int64_t offset = (product >> (shift - kBetaFraction)) + beta;
  return eight_bit ? static_cast<std::int8_t>(clamp64(rsh(offset, kBetaFraction), -128, 127))
                   : static_cast<std::int8_t>(clamp64(rsh(offset, kBetaFraction + 3), -8, 7) * 8);
}

void layer_norm(const std::int32_t* x, int n, const std::int32_t* gain, const std::int32_t* beta, LayerNormParams p,
                bool eight_bit, std::int8_t* code) {
  const std::int32_t mean = layer_mean(x, n, p.mean);
  const NormScale scale = layer_norm_scale(x, n, mean, p.eps);
  for (int i = 0; i < n; ++i) {
    code[i] = layer_norm_code(static_cast<std::int64_t>(x[i]) - mean, scale, gain[i], beta[i], p.shift, eight_bit);
  }
}

}  // namespace squat::hls
