// SPDX-License-Identifier: Apache-2.0
#include <nlohmann/json.hpp>

#include "host/model/byte_level_bpe_file.hpp"

namespace squat::model {

std::string bpe_file_text(const BpeFile& file) {
  using Json = nlohmann::ordered_json;
  const Json byte_level = {
      {"type", "ByteLevel"}, {"add_prefix_space", file.add_prefix_space}, {"trim_offsets", true}, {"use_regex", true}};
  Json added = Json::array();
  for (const AddedToken& token : file.added) {
    added.push_back({{"id", token.id},
                     {"content", token.content},
                     {"single_word", false},
                     {"lstrip", false},
                     {"rstrip", false},
                     {"normalized", token.normalized},
                     {"special", token.special}});
  }
  Json vocabulary = Json::object(), merges = Json::array();
  for (std::size_t id = 0; id < file.tokens.size(); ++id) {
    // Not operator[]: it looks for the key first, which is quadratic.
    if (!file.tokens[id].empty()) vocabulary.get_ref<Json::object_t&>().emplace_back(file.tokens[id], id);
  }
  for (const auto& [left, right] : file.merges) {
    merges.push_back({file.tokens[static_cast<std::size_t>(left)], file.tokens[static_cast<std::size_t>(right)]});
  }
  const Json object = {{"version", "1.0"},
                       {"truncation", nullptr},
                       {"padding", nullptr},
                       {"added_tokens", added},
                       {"normalizer", file.nfkc ? Json{{"type", "NFKC"}} : Json(nullptr)},
                       {"pre_tokenizer", byte_level},
                       {"post_processor", byte_level},
                       {"decoder", byte_level},
                       {"model",
                        {{"type", "BPE"},
                         {"dropout", nullptr},
                         {"unk_token", nullptr},
                         {"continuing_subword_prefix", nullptr},
                         {"end_of_word_suffix", nullptr},
                         {"fuse_unk", false},
                         {"byte_fallback", false},
                         {"ignore_merges", false},
                         {"vocab", vocabulary},
                         {"merges", merges}}}};
  return object.dump(1) + "\n";
}

}  // namespace squat::model
