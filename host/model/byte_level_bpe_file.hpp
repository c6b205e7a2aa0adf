// SPDX-License-Identifier: Apache-2.0
// The tokenizer.json of byte-level BPE, as GPT-2 and BabyLlama use it: the subset that is understood, read and written.
// Format: https://github.com/huggingface/tokenizers; the subset: docs/reference/model_directory.md.
#pragma once

#include <array>
#include <filesystem>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace squat::model {

/// A text that is one token wherever it stands, such as "<s>".
struct AddedToken {
  int id = 0;
  std::string content;
  bool special = true;      ///< decode() leaves it out
  bool normalized = false;  ///< looked for after normalisation instead of before
};

struct BpeFile {
  bool nfkc = true;                         ///< text is normalised to NFKC first
  bool add_prefix_space = true;             ///< every piece starts with a space
  std::vector<std::string> tokens;          ///< by id, in the byte alphabet; empty where the vocabulary has a gap
  std::vector<std::pair<int, int>> merges;  ///< ids, the first one is applied first
  std::vector<int> merged;                  ///< id of each merge's result
  std::vector<AddedToken> added;            ///< their contents also stand in `tokens`
};

/// GPT-2's printable stand-in for every byte: the byte itself where it is printable in Latin-1, else U+0100 and up in order.
const std::array<char32_t, 256>& byte_alphabet();
/// "Ġthe" for " the".
std::string to_byte_alphabet(std::string_view bytes);
/// The bytes a token stands for; false when it holds a character outside the alphabet.
bool from_byte_alphabet(std::string_view token, std::string& bytes);

/// Reads a tokenizer.json of at most 16 MiB. Throws input_error naming the field for everything outside the subset:
/// model BPE without dropout, prefix, suffix or byte_fallback; normaliser none or NFKC; pre-tokeniser and decoder ByteLevel;
/// post-processor none or ByteLevel; added tokens without lstrip, rstrip, single_word; ids that are unique and below 2^20.
BpeFile read_bpe_file(const std::filesystem::path& path);
BpeFile parse_bpe_file(const std::string& text, const std::string& file);

/// The text of a tokenizer.json that Hugging Face's tokenizers read, merges as pairs.
std::string bpe_file_text(const BpeFile& file);

}  // namespace squat::model
