// SPDX-License-Identifier: Apache-2.0
#include "host/model/text_stream.hpp"

#include <utility>

#include "host/model/utf8.hpp"

namespace squat::model {
namespace {

const std::string kReplacement = "\xef\xbf\xbd";  // U+FFFD

/// The part that later tokens cannot change: vocabularies show bytes of an unfinished character as they are or as U+FFFD.
std::string final_part(std::string text) {
  const std::size_t complete = complete_utf8_prefix(text);
  if (text.size() - complete < 4) text.resize(complete);  // at most three bytes of an unfinished character
  while (text.size() >= kReplacement.size() &&
         text.compare(text.size() - kReplacement.size(), std::string::npos, kReplacement) == 0)
    text.resize(text.size() - kReplacement.size());
  return text;
}

}  // namespace

TextStream::TextStream(const Tokenizer& tokenizer, std::vector<int> ids) : tokenizer_(tokenizer), ids_(std::move(ids)) {
  shown_ = shown_part();
}

std::string TextStream::shown_part() const { return final_part(replace_invalid_utf8(final_part(tokenizer_.decode(ids_)))); }

std::string TextStream::add(int id) {
  ids_.push_back(id);
  const std::string text = shown_part();
  if (text.compare(0, shown_.size(), shown_) != 0) return "";
  const std::string added = text.substr(shown_.size());
  shown_ = text;
  return added;
}

std::string TextStream::finish() {
  const std::string text = replace_invalid_utf8(tokenizer_.decode(ids_));
  if (text.compare(0, shown_.size(), shown_) != 0) return "";
  const std::string added = text.substr(shown_.size());
  shown_ = text;
  return added;
}

}  // namespace squat::model
