// SPDX-License-Identifier: Apache-2.0
// A text of any size as its non-empty lines, checked to be UTF-8.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>

namespace squat::qat {

struct TextInfo {
  std::uint64_t bytes = 0;
  std::uint32_t crc = 0;    ///< CRC-32
  std::uint64_t lines = 0;  ///< with content
};

/// Lines longer than this are cut, at a space where there is one: a text without line breaks must not fill the memory.
constexpr std::size_t kLongestLine = std::size_t{1} << 20;

/// Calls visit(line) for every line that is not empty; line breaks ("\n" or "\r\n") are no content. `progress` (may be empty)
/// gets the bytes done and the bytes altogether after each block. Throws input_error for an unreadable file, one without any
/// content, and text that is not UTF-8, with line and byte.
TextInfo for_each_line(const std::filesystem::path& file, const std::function<void(const std::string&)>& visit,
                       const std::function<void(std::uint64_t, std::uint64_t)>& progress = {});

}  // namespace squat::qat
