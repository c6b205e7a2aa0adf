// SPDX-License-Identifier: Apache-2.0
#include "hls/softmax.hpp"

#include "hls/bits.hpp"
#include "hw/gen/squat_spec.hpp"

namespace squat::hls {
namespace {

std::uint32_t numerator(std::int32_t largest, std::int32_t score, Requant r) {
  return exp2_negative(softmax_distance(static_cast<std::uint64_t>(static_cast<std::int64_t>(largest) - score), r));
}

}  // namespace

std::uint32_t softmax_distance(std::uint64_t below_max, Requant r) {
  const std::int64_t t = rsh(static_cast<std::int64_t>(below_max * r.m), r.s);
  return static_cast<std::uint32_t>(clamp64(t, 0, 31 << 12));
}

std::uint32_t exp2_negative(std::uint32_t t) {
  const std::uint32_t octave = t >> 12;
  const std::uint32_t entry = (t >> 6) & 63U;
  const std::uint32_t high = spec::kExp2[entry];
  const std::uint32_t drop = ((high - spec::kExp2[entry + 1]) * (t & 63U) + 32U) >> 6;
  return static_cast<std::uint32_t>(rsh(high - drop, octave));
}

std::uint32_t reciprocal_mantissa(std::uint32_t m) {
  const std::uint64_t r0 = spec::kRecip[(m >> 10) & 255U];
  const std::uint64_t a = (m * r0) >> 15;  // close to 2^18
  return static_cast<std::uint32_t>((r0 * ((std::uint64_t{1} << 19) - a)) >> 17);
}

Reciprocal reciprocal(std::uint64_t sum) {
  const int n = bit_length(sum);
  return {reciprocal_mantissa(static_cast<std::uint32_t>(sum >> (n - 18))), n};
}

std::uint32_t wide_probability(std::uint32_t e, Reciprocal inverse) {
  return static_cast<std::uint32_t>(rsh(static_cast<std::int64_t>(e) * inverse.r, static_cast<unsigned>(inverse.n)));
}

std::uint8_t probability_code(std::uint32_t wide) { return static_cast<std::uint8_t>(clamp64(rsh(wide, 8), 0, 255)); }

void softmax_row(const std::int32_t* scores, int n, Requant r, std::uint8_t* code, std::uint32_t& wide0) {
  std::int32_t largest = scores[0];
  for (int j = 1; j < n; ++j) {
    if (scores[j] > largest) largest = scores[j];
  }
  std::uint32_t e[kMaxKeys];
  e[0] = numerator(largest, scores[0], r);
  std::uint64_t sum = e[0];
  for (int j = 1; j < n; ++j) {
    e[j] = numerator(largest, scores[j], r);
    sum += e[j];
  }
  const Reciprocal inverse = reciprocal(sum);
  wide0 = wide_probability(e[0], inverse);
  for (int j = 0; j < n; ++j) code[j] = probability_code(wide_probability(e[j], inverse));
}

}  // namespace squat::hls
