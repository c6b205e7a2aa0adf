// SPDX-License-Identifier: Apache-2.0
#include "host/model/byte_level_bpe_text.hpp"

#include <unicode/bytestream.h>
#include <unicode/normalizer2.h>
#include <unicode/uchar.h>

#include <algorithm>

#include "host/model/error.hpp"
#include "host/model/utf8.hpp"

namespace squat::model {
namespace {

enum class Kind { kSpace, kLetter, kNumber, kOther, kEnd };

Kind kind_of(char32_t c) {
  if (c < 0x80) {
    if ((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z')) return Kind::kLetter;
    if (c >= '0' && c <= '9') return Kind::kNumber;
    return c == ' ' || (c >= 9 && c <= 13) ? Kind::kSpace : Kind::kOther;
  }
  const auto code = static_cast<UChar32>(c);
  if (u_isUWhiteSpace(code)) return Kind::kSpace;
  const std::uint32_t mask = U_GET_GC_MASK(code);
  if ((mask & U_GC_L_MASK) != 0) return Kind::kLetter;
  return (mask & U_GC_N_MASK) != 0 ? Kind::kNumber : Kind::kOther;
}

/// A code point's kind and where the next one starts.
struct Step {
  Kind kind;
  std::size_t next;
};

Step step_at(std::string_view text, std::size_t at) {
  if (at >= text.size()) return {Kind::kEnd, at};
  const CodePoint c = code_point_at(text, at);
  return {kind_of(c.value), at + static_cast<std::size_t>(c.bytes)};
}

/// End of the run of `kind` that starts at `at`.
std::size_t run_end(std::string_view text, std::size_t at, Kind kind) {
  for (Step s = step_at(text, at); s.kind == kind; s = step_at(text, at)) at = s.next;
  return at;
}

/// Length of 's 't 're 've 'm 'll 'd at the front; 0 when there is none.
std::size_t contraction(std::string_view text) {
  for (const std::string_view ending : {"'s", "'t", "'re", "'ve", "'m", "'ll", "'d"}) {
    if (text.substr(0, ending.size()) == ending) return ending.size();
  }
  return 0;
}

/// Whitespace up to `end`: the last one is left to the word behind it unless it is the only one or the text ends.
std::size_t whitespace_end(std::string_view text, std::size_t begin, std::size_t end) {
  if (end == text.size()) return end;
  std::size_t last = end - 1;
  while ((static_cast<unsigned char>(text[last]) & 0xc0u) == 0x80u) --last;
  return last == begin ? end : last;
}

std::size_t word_end(std::string_view text, std::size_t at) {
  if (const std::size_t length = contraction(text.substr(at)); length != 0) return at + length;
  const std::size_t start = text[at] == ' ' ? at + 1 : at;
  const Kind kind = step_at(text, start).kind;
  if (kind != Kind::kSpace && kind != Kind::kEnd) return run_end(text, start, kind);
  return whitespace_end(text, at, run_end(text, at, Kind::kSpace));
}

}  // namespace

std::string to_nfkc(const std::string& text) {
  if (std::all_of(text.begin(), text.end(), [](char c) { return static_cast<unsigned char>(c) < 0x80; })) return text;
  UErrorCode status = U_ZERO_ERROR;
  const icu::Normalizer2* nfkc = icu::Normalizer2::getNFKCInstance(status);
  std::string out;
  icu::StringByteSink<std::string> sink(&out);
  if (U_SUCCESS(status)) nfkc->normalizeUTF8(0, text, sink, nullptr, status);
  if (U_FAILURE(status)) throw Error(ExitCode::kInternal, std::string("ICU cannot normalise text: ") + u_errorName(status));
  return out;
}

void for_each_word(std::string_view text, const std::function<void(std::string_view)>& visit) {
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t end = word_end(text, at);
    visit(text.substr(at, end - at));
    at = end;
  }
}

}  // namespace squat::model
