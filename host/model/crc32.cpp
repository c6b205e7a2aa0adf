// SPDX-License-Identifier: Apache-2.0
#include "host/model/crc32.hpp"

#include <libdeflate.h>

namespace squat::model {

std::uint32_t crc32(const std::uint8_t* data, std::size_t bytes, std::uint32_t before) {
  return bytes == 0 ? before : libdeflate_crc32(before, data, bytes);  // which forgets `before` where data is null
}

std::string crc32_text(std::uint32_t crc) {
  std::string text;
  for (int shift = 28; shift >= 0; shift -= 4) text += "0123456789abcdef"[(crc >> shift) & 15];
  return text;
}

std::string crc32_text(const std::vector<std::uint8_t>& bytes) { return crc32_text(crc32(bytes.data(), bytes.size())); }

}  // namespace squat::model
