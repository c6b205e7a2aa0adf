// SPDX-License-Identifier: Apache-2.0
// Text <-> token ids with the model directory's own vocabulary.
#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "host/model/model_config.hpp"

namespace squat::model {

/// The vocabulary of a model directory, SentencePiece or byte-level BPE (byte_level_bpe_file.hpp). Cheap to move; encode and
/// decode may run on several threads.
class Tokenizer {
 public:
  /// Reads DIR/tokenizer.model, DIR/sp.model or DIR/tokenizer.json, the first that exists. Throws input_error when there is
  /// none, when it cannot be parsed, or when the number of pieces differs from config.vocab_size.
  Tokenizer(const std::filesystem::path& directory, const ModelConfig& config);
  /// A vocabulary file by itself: byte-level BPE when its name ends in .json, else SentencePiece.
  Tokenizer(const std::filesystem::path& file, int bos_id);
  Tokenizer(Tokenizer&&) noexcept;
  Tokenizer& operator=(Tokenizer&&) noexcept;
  ~Tokenizer();

  /// Number of pieces.
  int size() const;
  /// Ids of the text; config.bos_id first when `bos`. Byte-level BPE throws input_error when the text is not UTF-8.
  std::vector<int> encode(const std::string& text, bool bos) const;
  /// Text of the ids; control tokens such as bos give nothing. Throws usage_error for ids outside the vocabulary.
  std::string decode(const std::vector<int>& ids) const;

  /// The vocabulary file of a directory; empty when it has none.
  static std::filesystem::path find(const std::filesystem::path& directory);

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace squat::model
