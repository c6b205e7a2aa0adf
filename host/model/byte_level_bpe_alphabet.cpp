// SPDX-License-Identifier: Apache-2.0
#include "host/model/byte_level_bpe_file.hpp"
#include "host/model/utf8.hpp"

namespace squat::model {
namespace {

constexpr std::size_t kAlphabetEnd = 512;  ///< every character of it is below

std::array<char32_t, 256> make_alphabet() {
  std::array<char32_t, 256> alphabet{};
  char32_t next = 256;
  for (char32_t b = 0; b < 256; ++b) {
    const bool printable = (b >= 33 && b <= 126) || (b >= 161 && b <= 172) || b >= 174;
    alphabet[b] = printable ? b : next++;
  }
  return alphabet;
}

}  // namespace

const std::array<char32_t, 256>& byte_alphabet() {
  static const std::array<char32_t, 256> alphabet = make_alphabet();
  return alphabet;
}

std::string to_byte_alphabet(std::string_view bytes) {
  std::string out;
  out.reserve(bytes.size() * 2);
  for (const char c : bytes) append_utf8(out, byte_alphabet()[static_cast<unsigned char>(c)]);
  return out;
}

bool from_byte_alphabet(std::string_view token, std::string& bytes) {
  static const std::array<int, kAlphabetEnd> byte_of = [] {
    std::array<int, kAlphabetEnd> table{};
    table.fill(-1);
    for (std::size_t b = 0; b < 256; ++b) table[byte_alphabet()[b]] = static_cast<int>(b);
    return table;
  }();
  bytes.clear();
  for (std::size_t at = 0; at < token.size();) {
    const CodePoint c = code_point_at(token, at);
    if (!c.valid || c.value >= byte_of.size() || byte_of[c.value] < 0) return false;
    bytes.push_back(static_cast<char>(static_cast<unsigned char>(byte_of[c.value])));
    at += static_cast<std::size_t>(c.bytes);
  }
  return true;
}

}  // namespace squat::model
