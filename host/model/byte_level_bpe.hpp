// SPDX-License-Identifier: Apache-2.0
// Byte-level BPE: text <-> ids exactly as Hugging Face's tokenizers do it for the files of byte_level_bpe_file.hpp.
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "host/model/byte_level_bpe_file.hpp"

namespace squat::model {

class ByteLevelBpe {
 public:
  explicit ByteLevelBpe(BpeFile file);

  /// Largest id + 1.
  int size() const { return static_cast<int>(file_.tokens.size()); }
  const BpeFile& file() const { return file_; }
  /// Ids of a text. Added tokens are found in it wherever they stand. Bytes that the vocabulary lacks give nothing.
  /// Throws input_error when the text is not UTF-8. May run on several threads.
  std::vector<int> encode(std::string_view text) const;
  /// Text of the ids (each in 0..size()-1), special tokens left out; bytes that form no UTF-8 become U+FFFD.
  std::string decode(const std::vector<int>& ids) const;
  /// Id of an added token; -1 when there is none with this content.
  int added_id(const std::string& content) const;

 private:
  struct Merge {
    int rank;
    int id;
  };
  void encode_plain(std::string_view text, std::vector<int>& ids) const;
  void encode_piece(std::string text, std::vector<int>& ids) const;
  void encode_word(std::string_view word, std::vector<int>& ids) const;

  BpeFile file_;
  std::array<int, 256> byte_ids_{};
  std::unordered_map<std::uint64_t, Merge> merges_;  ///< by the two ids
  std::vector<std::string> bytes_;                   ///< by id: what decode() appends
  std::vector<AddedToken> raw_, normal_;             ///< looked for before and after normalisation, the longest first
};

}  // namespace squat::model
