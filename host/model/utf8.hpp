// SPDX-License-Identifier: Apache-2.0
// UTF-8, strictly: no overlong forms, no surrogates, nothing above U+10FFFF (Unicode 15, section 3.9, table 3-7).
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace squat::model {

struct CodePoint {
  char32_t value = 0;
  int bytes = 0;  ///< length; of an ill-formed sequence: of its longest well-formed beginning, at least 1
  bool valid = false;
};

/// The code point that starts at text[at]; at < text.size().
CodePoint code_point_at(std::string_view text, std::size_t at);

/// Offset of the first byte that is not part of a well-formed sequence; npos when there is none.
std::size_t find_invalid_utf8(std::string_view text);

/// Number of complete, well-formed bytes at the front.
std::size_t complete_utf8_prefix(std::string_view text);

void append_utf8(std::string& out, char32_t code_point);

/// Replaces each longest ill-formed part by U+FFFD, as browsers and Rust's from_utf8_lossy do.
std::string replace_invalid_utf8(std::string_view text);

}  // namespace squat::model
