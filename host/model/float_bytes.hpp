// SPDX-License-Identifier: Apache-2.0
// Little-endian bytes of safetensors <-> numbers. Byte by byte, so that the host's own byte order does not matter.
#pragma once

#include <cmath>
#include <cstdint>
#include <cstring>
#include <vector>

namespace squat::model {

template <typename UInt>
UInt load_le(const std::uint8_t* p) {
  std::uint64_t v = 0;
  for (std::size_t i = 0; i < sizeof(UInt); ++i) v |= std::uint64_t{p[i]} << (8 * i);
  return static_cast<UInt>(v);
}

template <typename UInt>
void store_le(std::uint8_t* p, UInt value) {
  for (std::size_t i = 0; i < sizeof(UInt); ++i) p[i] = static_cast<std::uint8_t>(std::uint64_t{value} >> (8 * i));
}

template <typename UInt>
void append_le(std::vector<std::uint8_t>& out, UInt value) {
  for (std::size_t i = 0; i < sizeof(UInt); ++i) out.push_back(static_cast<std::uint8_t>(std::uint64_t{value} >> (8 * i)));
}

template <typename To, typename From>
To bit_copy(From from) {
  static_assert(sizeof(To) == sizeof(From));
  To to;
  std::memcpy(&to, &from, sizeof to);
  return to;
}

/// IEEE half precision to single, exact, including subnormals, infinities and NaN.
inline float half_to_float(std::uint16_t h) {
  const std::uint32_t sign = std::uint32_t{h & 0x8000u} << 16;
  const std::uint32_t exponent = (h >> 10) & 0x1fu;
  const std::uint32_t mantissa = h & 0x3ffu;
  if (exponent == 0) {
    const float magnitude = static_cast<float>(mantissa) * 0x1p-24f;
    return sign ? -magnitude : magnitude;
  }
  const std::uint32_t wide = exponent == 31 ? 0x7f800000u : (exponent + 112u) << 23;
  return bit_copy<float>(sign | wide | (mantissa << 13));
}

/// The nearest half, ties to even; infinity from 65520 on.
inline std::uint16_t float_to_half(float x) {
  const std::uint32_t bits = bit_copy<std::uint32_t>(x), magnitude = bits & 0x7fffffffu;
  const auto sign = static_cast<std::uint16_t>((bits >> 16) & 0x8000u);
  if (magnitude > 0x7f800000u) return sign | 0x7e00u;
  if (magnitude >= 0x477ff000u) return sign | 0x7c00u;
  if (magnitude < 0x38800000u) {  // below 2^-14: multiples of 2^-24
    return sign | static_cast<std::uint16_t>(std::nearbyint(bit_copy<float>(magnitude) * 0x1p24f));
  }
  const std::uint32_t rounded = magnitude + 0xfffu + ((magnitude >> 13) & 1u);
  return sign | static_cast<std::uint16_t>((rounded >> 13) - (112u << 10));
}

inline float bf16_to_float(std::uint16_t b) { return bit_copy<float>(std::uint32_t{b} << 16); }

}  // namespace squat::model
