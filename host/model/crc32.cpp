// SPDX-License-Identifier: Apache-2.0
#include "host/model/crc32.hpp"

#include <array>

namespace squat::model {
namespace {

constexpr std::size_t kStep = 16;  ///< bytes

/// Table t gives the effect of a byte that is followed by t zero bytes: kStep bytes at a time instead of one.
struct Tables {
  std::array<std::array<std::uint32_t, 256>, kStep> t{};
  Tables() {
    for (std::uint32_t i = 0; i < 256; ++i) {
      std::uint32_t c = i;
      for (int bit = 0; bit < 8; ++bit) c = (c >> 1) ^ ((c & 1) ? 0xedb88320u : 0u);
      t[0][i] = c;
    }
    for (std::size_t k = 1; k < kStep; ++k) {
      for (std::size_t i = 0; i < 256; ++i) t[k][i] = (t[k - 1][i] >> 8) ^ t[0][t[k - 1][i] & 0xff];
    }
  }
};

}  // namespace

std::uint32_t crc32(const std::uint8_t* data, std::size_t bytes, std::uint32_t before) {
  static const Tables tables;
  const auto& t = tables.t;
  std::uint32_t c = ~before;
  for (; bytes >= kStep; bytes -= kStep, data += kStep) {
    const std::uint32_t low =
        c ^ (data[0] | std::uint32_t{data[1]} << 8 | std::uint32_t{data[2]} << 16 | std::uint32_t{data[3]} << 24);
    c = t[15][low & 0xff] ^ t[14][(low >> 8) & 0xff] ^ t[13][(low >> 16) & 0xff] ^ t[12][low >> 24];
    for (std::size_t i = 4; i < kStep; ++i) c ^= t[kStep - 1 - i][data[i]];
  }
  for (; bytes > 0; --bytes, ++data) c = (c >> 8) ^ t[0][(c ^ *data) & 0xff];
  return ~c;
}

std::string crc32_text(std::uint32_t crc) {
  std::string text;
  for (int shift = 28; shift >= 0; shift -= 4) text += "0123456789abcdef"[(crc >> shift) & 15];
  return text;
}

std::string crc32_text(const std::vector<std::uint8_t>& bytes) { return crc32_text(crc32(bytes.data(), bytes.size())); }

}  // namespace squat::model
