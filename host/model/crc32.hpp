// SPDX-License-Identifier: Apache-2.0
// CRC-32 (IEEE 802.3, as in zlib and gzip), so that damaged weights are an error and never a wrong answer.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace squat::model {

/// `before`: the CRC of what precedes, for data that comes in parts.
std::uint32_t crc32(const std::uint8_t* data, std::size_t bytes, std::uint32_t before = 0);

/// Eight lower-case hexadecimal digits.
std::string crc32_text(std::uint32_t crc);
std::string crc32_text(const std::vector<std::uint8_t>& bytes);

}  // namespace squat::model
