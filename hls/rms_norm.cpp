// SPDX-License-Identifier: Apache-2.0
#include "hls/rms_norm.hpp"

#include "hls/bits.hpp"
#include "hls/requantize.hpp"
#include "hw/gen/squat_spec.hpp"

namespace squat::hls {

int norm_down_shift(std::uint32_t largest_magnitude) {
  const int excess = bit_length(largest_magnitude) - 15;
  return excess > 0 ? excess : 0;
}

std::int32_t norm_input(std::int64_t x, int d) {
  return static_cast<std::int32_t>(clamp64(rsh(x, static_cast<unsigned>(d)), -32767, 32767));
}

std::uint32_t rsqrt_mantissa(std::uint32_t m) {
  const std::uint64_t r0 = spec::kRsqrt[(m >> 11) & 127U];
  const std::uint64_t a = (m * r0) >> 15;
  const std::uint64_t b = (a * r0) >> 15;  // m * r0^2, close to 2^18
  return static_cast<std::uint32_t>((r0 * (3 * (std::uint64_t{1} << 18) - b)) >> 18);
}

NormScale norm_scale_of_sum(std::uint64_t sum, int d) {
  NormScale scale;
  scale.d = d;
  scale.k = (bit_length(sum) + 1) / 2;
  const int left = 18 - 2 * scale.k;
  const std::uint64_t mantissa = left >= 0 ? sum << left : sum >> -left;
  scale.r = rsqrt_mantissa(static_cast<std::uint32_t>(mantissa));
  return scale;
}

NormScale norm_scale(const std::int32_t* x, int n, std::uint64_t eps) {
  std::uint32_t largest = 0;
  for (int i = 0; i < n; ++i) {
    const std::uint32_t u = static_cast<std::uint32_t>(x[i]);
    const std::uint32_t magnitude = x[i] < 0 ? 0U - u : u;
    if (magnitude > largest) largest = magnitude;
  }
  const int d = norm_down_shift(largest);
  std::uint64_t sum = eps >> (2 * d);
  for (int i = 0; i < n; ++i) {
    const std::int32_t v = norm_input(x[i], d);
    sum += static_cast<std::uint64_t>(static_cast<std::int64_t>(v) * v);
  }
  return norm_scale_of_sum(sum, d);
}

std::int64_t norm_unit(std::int64_t x, NormScale scale) {
  const std::int64_t product = static_cast<std::int64_t>(norm_input(x, scale.d)) * scale.r;
  // k below 8 means a sum of squares below 2^16: the product is short and the shift goes left.
  return scale.k >= 8 ? rsh(product, static_cast<unsigned>(scale.k - 8)) : product * (1 << (8 - scale.k));
}

std::int8_t norm_code(std::int32_t x, NormScale scale, std::int32_t gain, int shift, bool eight_bit) {
  const std::int64_t scaled = norm_unit(x, scale) * gain;
  return eight_bit ? static_cast<std::int8_t>(clamp64(rsh(scaled, static_cast<unsigned>(shift)), -128, 127))
                   : static_cast<std::int8_t>(clamp64(rsh(scaled, static_cast<unsigned>(shift + 3)), -8, 7) * 8);
}

void rms_norm(const std::int32_t* x, int n, const std::int32_t* gain, NormParams p, bool eight_bit, std::int8_t* code) {
  const NormScale scale = norm_scale(x, n, p.eps);
  for (int i = 0; i < n; ++i) code[i] = norm_code(x[i], scale, gain[i], p.shift, eight_bit);
}

}  // namespace squat::hls
