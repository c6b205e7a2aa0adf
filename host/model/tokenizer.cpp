// SPDX-License-Identifier: Apache-2.0
#include "host/model/tokenizer.hpp"

#include <sentencepiece_processor.h>

#include <optional>

#include "host/model/byte_level_bpe.hpp"
#include "host/model/error.hpp"
#include "host/model/input_file.hpp"

namespace squat::model {

/// `bpe` when the file is a tokenizer.json, else `pieces`.
struct Tokenizer::Impl {
  sentencepiece::SentencePieceProcessor pieces;
  std::optional<ByteLevelBpe> bpe;
  int bos_id = 1;
};

namespace {

constexpr std::uint64_t kMaxTokenizerBytes = 64u << 20;

std::filesystem::path require_file(const std::filesystem::path& directory) {
  std::filesystem::path path = Tokenizer::find(directory);
  if (path.empty()) {
    throw input_error(directory.string() + ": expected tokenizer.model (SentencePiece) or tokenizer.json (byte-level BPE), " +
                      "found none; copy it from the model's publisher");
  }
  return path;
}

}  // namespace

std::filesystem::path Tokenizer::find(const std::filesystem::path& directory) {
  std::error_code ignored;
  for (const char* name : {"tokenizer.model", "sp.model", "tokenizer.json"}) {
    if (std::filesystem::exists(directory / name, ignored)) return directory / name;
  }
  return {};
}

Tokenizer::Tokenizer(const std::filesystem::path& file, int bos_id) : impl_(std::make_unique<Impl>()) {
  impl_->bos_id = bos_id;
  if (file.extension() == ".json") {
    impl_->bpe.emplace(read_bpe_file(file));
    return;
  }
  const auto status = impl_->pieces.LoadFromSerializedProto(read_small_file(file, kMaxTokenizerBytes));
  if (!status.ok()) {
    throw input_error(file.string() + ": expected a SentencePiece model, found something else (" + status.ToString() +
                      "); copy or download it again");
  }
}

Tokenizer::Tokenizer(const std::filesystem::path& directory, const ModelConfig& config)
    : Tokenizer(require_file(directory), config.bos_id) {
  if (size() != config.vocab_size) {
    throw input_error(find(directory).string() + ": expected " + std::to_string(config.vocab_size) +
                      " pieces (vocab_size in config.json), found " + std::to_string(size()) +
                      "; use the tokenizer this model was trained with");
  }
}

Tokenizer::Tokenizer(Tokenizer&&) noexcept = default;
Tokenizer& Tokenizer::operator=(Tokenizer&&) noexcept = default;
Tokenizer::~Tokenizer() = default;

int Tokenizer::size() const { return impl_->bpe ? impl_->bpe->size() : impl_->pieces.GetPieceSize(); }

std::vector<int> Tokenizer::encode(const std::string& text, bool bos) const {
  std::vector<int> ids = impl_->bpe ? impl_->bpe->encode(text) : impl_->pieces.EncodeAsIds(text);
  if (bos) ids.insert(ids.begin(), impl_->bos_id);
  return ids;
}

std::string Tokenizer::decode(const std::vector<int>& ids) const {
  for (const int id : ids) {
    if (id < 0 || id >= size()) {
      throw usage_error("token id " + std::to_string(id) + ": expected 0 to " + std::to_string(size() - 1));
    }
  }
  return impl_->bpe ? impl_->bpe->decode(ids) : impl_->pieces.DecodeIds(ids);
}

}  // namespace squat::model
