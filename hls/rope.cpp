// SPDX-License-Identifier: Apache-2.0
#include "hls/rope.hpp"

#include "hls/requantize.hpp"
#include "hw/gen/squat_spec.hpp"

namespace squat::hls {
namespace {

constexpr std::uint32_t kQuarter = std::uint32_t{1} << 30;

std::int8_t rotated_code(std::int64_t y, bool eight_bit) {
  return eight_bit ? static_cast<std::int8_t>(clamp64(rsh(y, 21), kAttentionMin, 127))
                   : static_cast<std::int8_t>(clamp64(rsh(y, 24), -8, 7) * 8);
}

}  // namespace

std::int32_t sine(std::uint32_t phase) {
  const bool falling = (phase & kQuarter) != 0;
  const bool negative = (phase >> 31) != 0;
  const std::uint32_t low = phase & (kQuarter - 1);
  const std::uint32_t folded = falling ? kQuarter - low : low;
  const std::uint32_t index = folded >> 22;
  const std::int64_t fraction = (folded >> 6) & 0xffffU;
  const std::int64_t first = spec::kSinCos[index];
  const std::int64_t next = spec::kSinCos[index < 256 ? index + 1 : 256];
  const std::int32_t value = static_cast<std::int32_t>(rsh(first * 65536 + (next - first) * fraction, 20));
  return negative ? -value : value;
}

SinCos rope_sincos(std::uint32_t position, std::uint32_t step) {
  const std::uint32_t phase = position * step;
  return {static_cast<std::int16_t>(sine(phase + kQuarter)), static_cast<std::int16_t>(sine(phase))};
}

void rope_pair(std::int32_t p1, std::int32_t p2, SinCos cs, bool eight_bit, std::int8_t& y1, std::int8_t& y2) {
  const std::int64_t a = p1;
  const std::int64_t b = p2;
  y1 = rotated_code(a * cs.cos - b * cs.sin, eight_bit);
  y2 = rotated_code(b * cs.cos + a * cs.sin, eight_bit);
}

}  // namespace squat::hls
