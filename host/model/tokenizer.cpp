// SPDX-License-Identifier: Apache-2.0
#include "host/model/tokenizer.hpp"

#include <sentencepiece_processor.h>

#include "host/model/error.hpp"
#include "host/model/input_file.hpp"

namespace squat::model {

struct Tokenizer::Impl {
  sentencepiece::SentencePieceProcessor pieces;
  int bos_id = 1;
};

namespace {

constexpr std::uint64_t kMaxBytes = 64u << 20;

}  // namespace

std::filesystem::path Tokenizer::find(const std::filesystem::path& directory) {
  std::error_code ignored;
  for (const char* name : {"tokenizer.model", "sp.model"}) {
    if (std::filesystem::exists(directory / name, ignored)) return directory / name;
  }
  return {};
}

Tokenizer::Tokenizer(const std::filesystem::path& directory, const ModelConfig& config) : impl_(std::make_unique<Impl>()) {
  const std::filesystem::path path = find(directory);
  if (path.empty()) {
    std::error_code ignored;
    const bool json = std::filesystem::exists(directory / "tokenizer.json", ignored);
    throw input_error(directory.string() + ": expected tokenizer.model (SentencePiece), found " +
                      (json ? "tokenizer.json only, which is not supported" : "none") + "; copy it from the model's publisher");
  }
  const auto status = impl_->pieces.LoadFromSerializedProto(read_small_file(path, kMaxBytes));
  if (!status.ok()) {
    throw input_error(path.string() + ": expected a SentencePiece model, found something else (" + status.ToString() +
                      "); copy or download it again");
  }
  if (impl_->pieces.GetPieceSize() != config.vocab_size) {
    throw input_error(path.string() + ": expected " + std::to_string(config.vocab_size) +
                      " pieces (vocab_size in config.json), found " + std::to_string(impl_->pieces.GetPieceSize()) +
                      "; use the tokenizer this model was trained with");
  }
  impl_->bos_id = config.bos_id;
}

Tokenizer::Tokenizer(Tokenizer&&) noexcept = default;
Tokenizer& Tokenizer::operator=(Tokenizer&&) noexcept = default;
Tokenizer::~Tokenizer() = default;

std::vector<int> Tokenizer::encode(const std::string& text, bool bos) const {
  std::vector<int> ids = impl_->pieces.EncodeAsIds(text);
  if (bos) ids.insert(ids.begin(), impl_->bos_id);
  return ids;
}

std::string Tokenizer::decode(const std::vector<int>& ids) const {
  const int vocab = impl_->pieces.GetPieceSize();
  for (const int id : ids) {
    if (id < 0 || id >= vocab) {
      throw usage_error("token id " + std::to_string(id) + ": expected 0 to " + std::to_string(vocab - 1));
    }
  }
  return impl_->pieces.DecodeIds(ids);
}

}  // namespace squat::model
