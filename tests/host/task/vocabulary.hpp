// SPDX-License-Identifier: Apache-2.0
// Two vocabularies: the shipped model's SentencePiece, and a byte-level BPE learned here.
#pragma once

#include "host/model/byte_level_bpe_train.hpp"
#include "host/model/tokenizer.hpp"
#include "tests/host/support.hpp"

namespace squat::test {

inline model::Tokenizer sentence_piece() {
  return model::Tokenizer(std::filesystem::path(SQUAT_SOURCE_DIR) / "models" / "tales" / "fp32" / "tokenizer.model", 1);
}

inline model::Tokenizer byte_level() {
  const TemporaryDirectory directory;
  model::BpeTrainOptions options;
  options.pieces = 320;
  model::BpeTrainer trainer(options);
  for (int i = 0; i < 40; ++i) trainer.add_line("the king said yes and the queen said no, maybe the cat");
  const std::filesystem::path file = directory.path() / "tokenizer.json";
  write_bytes(file, model::bpe_file_text(trainer.train()));
  return model::Tokenizer(file, 0);
}

}  // namespace squat::test
