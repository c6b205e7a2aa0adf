// SPDX-License-Identifier: Apache-2.0
// Text <-> token ids with the model directory's own vocabulary.
#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "host/model/model_config.hpp"

namespace squat::model {

/// The SentencePiece vocabulary of a model directory. Cheap to move; encode and decode may run on several threads.
class Tokenizer {
 public:
  /// Reads DIR/tokenizer.model, or DIR/sp.model. Throws input_error when neither exists or can be parsed,
  /// or when the number of pieces differs from config.vocab_size.
  Tokenizer(const std::filesystem::path& directory, const ModelConfig& config);
  Tokenizer(Tokenizer&&) noexcept;
  Tokenizer& operator=(Tokenizer&&) noexcept;
  ~Tokenizer();

  /// Ids of the text; config.bos_id first when `bos`.
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
