// SPDX-License-Identifier: Apache-2.0
// Text that grows token by token: what can be shown so far, never half a character.
#pragma once

#include <string>
#include <vector>

#include "host/model/tokenizer.hpp"

namespace squat::model {

class TextStream {
 public:
  /// The tokenizer must outlive this.
  explicit TextStream(const Tokenizer& tokenizer) : tokenizer_(tokenizer) {}
  /// Begins after ids whose text is shown already, but for the bytes of an unfinished character.
  TextStream(const Tokenizer& tokenizer, std::vector<int> ids);

  /// Text that the next token makes final, well-formed UTF-8. Empty while a character of several bytes is incomplete: its
  /// bytes, or what the vocabulary shows for them, wait for the token that ends it.
  std::string add(int id);

  /// What still waits, ill-formed bytes replaced by U+FFFD. All pieces together are the text of the ids.
  std::string finish();

 private:
  std::string shown_part() const;

  const Tokenizer& tokenizer_;
  std::vector<int> ids_;
  std::string shown_;  ///< all text that was given out
};

}  // namespace squat::model
