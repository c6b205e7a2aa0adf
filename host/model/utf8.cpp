// SPDX-License-Identifier: Apache-2.0
#include "host/model/utf8.hpp"

namespace squat::model {
namespace {

unsigned byte_at(std::string_view text, std::size_t at) { return static_cast<unsigned char>(text[at]); }

/// What the first byte announces: the number of bytes (0: it cannot be first) and the range of the second one.
struct Lead {
  int bytes;
  unsigned second_lo, second_hi;
};

Lead lead_of(unsigned b) {
  if (b < 0x80) return {1, 0, 0};
  if (b < 0xc2) return {0, 0, 0};  // continuation bytes and overlong two-byte forms
  if (b < 0xe0) return {2, 0x80, 0xbf};
  if (b < 0xf0) return {3, b == 0xe0 ? 0xa0u : 0x80u, b == 0xed ? 0x9fu : 0xbfu};
  if (b < 0xf5) return {4, b == 0xf0 ? 0x90u : 0x80u, b == 0xf4 ? 0x8fu : 0xbfu};
  return {0, 0, 0};
}

}  // namespace

CodePoint code_point_at(std::string_view text, std::size_t at) {
  const unsigned first = byte_at(text, at);
  const Lead lead = lead_of(first);
  if (lead.bytes == 1) return {first, 1, true};
  if (lead.bytes == 0) return {0xfffd, 1, false};
  char32_t value = first & (0x7fu >> lead.bytes);
  for (int i = 1; i < lead.bytes; ++i) {
    const std::size_t next = at + static_cast<std::size_t>(i);
    const unsigned lo = i == 1 ? lead.second_lo : 0x80u, hi = i == 1 ? lead.second_hi : 0xbfu;
    if (next >= text.size() || byte_at(text, next) < lo || byte_at(text, next) > hi) return {0xfffd, i, false};
    value = (value << 6) | (byte_at(text, next) & 0x3fu);
  }
  return {value, lead.bytes, true};
}

std::size_t find_invalid_utf8(std::string_view text) {
  const std::size_t good = complete_utf8_prefix(text);
  return good == text.size() ? std::string_view::npos : good;
}

std::size_t complete_utf8_prefix(std::string_view text) {
  std::size_t at = 0;
  while (at < text.size()) {
    const CodePoint c = code_point_at(text, at);
    if (!c.valid) break;
    at += static_cast<std::size_t>(c.bytes);
  }
  return at;
}

void append_utf8(std::string& out, char32_t c) {
  const auto put = [&out](char32_t b) { out.push_back(static_cast<char>(static_cast<unsigned char>(b))); };
  if (c < 0x80) {
    put(c);
  } else if (c < 0x800) {
    put(0xc0 | (c >> 6)), put(0x80 | (c & 0x3f));
  } else if (c < 0x10000) {
    put(0xe0 | (c >> 12)), put(0x80 | ((c >> 6) & 0x3f)), put(0x80 | (c & 0x3f));
  } else {
    put(0xf0 | (c >> 18)), put(0x80 | ((c >> 12) & 0x3f)), put(0x80 | ((c >> 6) & 0x3f)), put(0x80 | (c & 0x3f));
  }
}

std::string replace_invalid_utf8(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  for (std::size_t at = 0; at < text.size();) {
    const CodePoint c = code_point_at(text, at);
    if (c.valid) {
      out.append(text.substr(at, static_cast<std::size_t>(c.bytes)));
    } else {
      append_utf8(out, 0xfffd);
    }
    at += static_cast<std::size_t>(c.bytes);
  }
  return out;
}

}  // namespace squat::model
