// SPDX-License-Identifier: Apache-2.0
// How the fields of an example become one text, and its tokens.
#pragma once

#include <string>
#include <vector>

#include "host/model/tokenizer.hpp"

namespace squat::task {

/// "{premise} means {hypothesis}": fields in braces, the text around them.
class Layout {
 public:
  /// Throws usage_error for braces that do not match, an empty name and a text without fields.
  explicit Layout(const std::string& text);

  const std::vector<std::string>& fields() const { return fields_; }

  /// The text with these values, of each value at most `limit` characters (code points) from its front.
  std::string fill(const std::vector<std::string>& values, std::size_t limit) const;

 private:
  std::vector<std::string> fields_;
  std::vector<std::string> around_;  ///< before, between and behind the fields
};

struct TextTokens {
  std::vector<int> ids;  ///< begin-of-text first
  bool cut = false;
};

/// Tokens of an example, at most `longest`. Of a longer one the longest values lose characters at their end, all down to the
/// same length, until it fits; shorter values stay whole. Throws usage_error when not even the layout alone fits.
TextTokens encode(const Layout& layout, const std::vector<std::string>& values, const model::Tokenizer& tokenizer, int longest);

}  // namespace squat::task
