// SPDX-License-Identifier: Apache-2.0
#include <cstdint>
#include <set>
#include <unordered_map>
#include <unordered_set>

#include "host/model/byte_level_bpe_file.hpp"
#include "host/model/error.hpp"
#include "host/model/input_file.hpp"
#include "host/model/json_file.hpp"

namespace squat::model {
namespace {

using nlohmann::json;

constexpr std::uint64_t kMaxBytes = 16u << 20;
constexpr int kMaxId = (1 << 20) - 1;

[[noreturn]] void refuse(const std::string& file, const std::string& field, const std::string& expected,
                         const std::string& found) {
  throw input_error(file + ": field '" + field + "': expected " + expected + ", found " + found.substr(0, 60) +
                    "; only byte-level BPE as in GPT-2 and BabyLlama is supported");
}

/// The "type" of an object such as the normaliser; "none" when it is null or missing.
std::string type_of(const JsonFields& fields, const char* field) {
  if (!fields.has(field)) return "none";
  if (!fields.at(field).is_object()) fields.fail(field, "an object or null");
  return JsonFields(fields.at(field), fields.file(), std::string(field) + ".").text("type");
}

/// Refuses a switch that is on.
void expect_off(const JsonFields& fields, const std::string& prefix, const char* field) {
  if (fields.boolean_or(field, false)) refuse(fields.file(), prefix + field, "false", "true");
}

/// Refuses a string or an object that is set. An empty string counts as not set, as in GPT-2's file.
void expect_unset(const JsonFields& fields, const std::string& prefix, const char* field) {
  if (!fields.has(field)) return;
  const json& value = fields.at(field);
  if ((value.is_string() && value.get<std::string>().empty()) || (value.is_number() && value.get<double>() == 0.0)) return;
  refuse(fields.file(), prefix + field, "null", value.dump(-1, ' ', true, json::error_handler_t::replace));
}

void read_stages(const JsonFields& fields, BpeFile& out) {
  const std::string& file = fields.file();
  expect_unset(fields, "", "truncation");
  expect_unset(fields, "", "padding");
  const std::string normalizer = type_of(fields, "normalizer");
  if (normalizer != "none" && normalizer != "NFKC") refuse(file, "normalizer.type", "NFKC or null", normalizer);
  out.nfkc = normalizer == "NFKC";
  const std::string pre = type_of(fields, "pre_tokenizer");
  if (pre != "ByteLevel") refuse(file, "pre_tokenizer.type", "ByteLevel", pre);
  const JsonFields pre_fields(fields.at("pre_tokenizer"), file, "pre_tokenizer.");
  out.add_prefix_space = pre_fields.boolean_or("add_prefix_space", true);
  if (!pre_fields.boolean_or("use_regex", true)) refuse(file, "pre_tokenizer.use_regex", "true", "false");
  const std::string post = type_of(fields, "post_processor");
  if (post != "none" && post != "ByteLevel") refuse(file, "post_processor.type", "ByteLevel or null", post);
  const std::string decoder = type_of(fields, "decoder");
  if (decoder != "ByteLevel") refuse(file, "decoder.type", "ByteLevel", decoder);
}

void put_token(BpeFile& out, const std::string& file, const std::string& token, int id) {
  const auto at = static_cast<std::size_t>(id);
  if (out.tokens.size() <= at) out.tokens.resize(at + 1);
  if (token.empty()) throw input_error(file + ": token " + std::to_string(id) + " is empty; it could never be produced");
  if (!out.tokens[at].empty()) {
    throw input_error(file + ": token id " + std::to_string(id) + " appears twice, for '" + out.tokens[at].substr(0, 40) +
                      "' and '" + token.substr(0, 40) + "'; keep one of them");
  }
  out.tokens[at] = token;
}

using Ids = std::unordered_map<std::string, int>;

Ids read_vocabulary(const JsonFields& model, BpeFile& out) {
  const json& vocabulary = model.at("vocab");
  if (!vocabulary.is_object() || vocabulary.empty()) model.fail("vocab", "an object of token: id");
  Ids ids;
  ids.reserve(vocabulary.size());
  for (const auto& [token, id] : vocabulary.items()) {
    if (!id.is_number_unsigned() || id.get<std::uint64_t>() > kMaxId) {
      refuse(model.file(), "model.vocab." + token.substr(0, 40), "an id from 0 to " + std::to_string(kMaxId), id.dump());
    }
    put_token(out, model.file(), token, id.get<int>());
    ids.emplace(token, id.get<int>());
  }
  return ids;
}

std::string place_of_merge(std::size_t number) { return "model.merges[" + std::to_string(number) + "]"; }

/// "a b" or ["a", "b"].
std::pair<std::string, std::string> merge_sides(const json& merge, std::size_t number, const std::string& file) {
  if (merge.is_array() && merge.size() == 2 && merge[0].is_string() && merge[1].is_string()) {
    return {merge[0].get<std::string>(), merge[1].get<std::string>()};
  }
  if (merge.is_string()) {
    const auto& text = merge.get_ref<const std::string&>();
    const std::size_t space = text.find(' ');
    if (space != std::string::npos && text.find(' ', space + 1) == std::string::npos) {
      return {text.substr(0, space), text.substr(space + 1)};
    }
  }
  refuse(file, place_of_merge(number), "\"a b\" or [\"a\", \"b\"]", merge.dump(-1, ' ', true, json::error_handler_t::replace));
}

void read_merges(const JsonFields& model, const Ids& ids, BpeFile& out) {
  const json& merges = model.at("merges");
  if (!merges.is_array()) model.fail("merges", "an array");
  std::unordered_set<std::uint64_t> seen;
  seen.reserve(merges.size());
  out.merges.reserve(merges.size());
  out.merged.reserve(merges.size());
  for (std::size_t i = 0; i < merges.size(); ++i) {
    const auto [left, right] = merge_sides(merges[i], i, model.file());
    const auto id_of = [&](const std::string& token) {
      const auto found = ids.find(token);
      if (found == ids.end()) {
        refuse(model.file(), place_of_merge(i), "tokens of the vocabulary", "'" + token.substr(0, 40) + "', which is none");
      }
      return found->second;
    };
    const std::pair<int, int> pair{id_of(left), id_of(right)};
    const std::uint64_t both = static_cast<std::uint64_t>(pair.first) << 32 | static_cast<std::uint64_t>(pair.second);
    if (!seen.insert(both).second)
      refuse(model.file(), place_of_merge(i), "every pair once", "'" + left + " " + right + "' again");
    out.merges.push_back(pair);
    out.merged.push_back(id_of(left + right));
  }
}

Ids read_model(const JsonFields& fields, BpeFile& out) {
  if (!fields.at("model").is_object()) fields.fail("model", "an object");
  const JsonFields model(fields.at("model"), fields.file(), "model.");
  const std::string type = model.has("type") ? model.text("type") : "BPE";  // old files leave it out
  if (type != "BPE") refuse(fields.file(), "model.type", "BPE", type);
  for (const char* field : {"dropout", "continuing_subword_prefix", "end_of_word_suffix"}) {
    expect_unset(model, "model.", field);
  }
  for (const char* field : {"byte_fallback", "ignore_merges"}) expect_off(model, "model.", field);
  const Ids ids = read_vocabulary(model, out);
  if (model.has("unk_token")) {
    // With a token for every byte nothing is ever unknown; without, the replacement would have to be reproduced.
    for (std::size_t b = 0; b < 256; ++b) {
      const char byte = static_cast<char>(static_cast<unsigned char>(b));
      if (ids.count(to_byte_alphabet(std::string_view(&byte, 1))) == 0) {
        refuse(fields.file(), "model.unk_token", "null, as the vocabulary lacks byte " + std::to_string(b),
               model.text("unk_token"));
      }
    }
  }
  read_merges(model, ids, out);
  return ids;
}

void read_added(const JsonFields& fields, const Ids& ids, BpeFile& out) {
  if (!fields.has("added_tokens")) return;
  const json& list = fields.at("added_tokens");
  if (!list.is_array()) fields.fail("added_tokens", "an array");
  std::set<std::string> seen;
  for (std::size_t i = 0; i < list.size(); ++i) {
    const std::string prefix = "added_tokens[" + std::to_string(i) + "].";
    if (!list[i].is_object()) fields.fail("added_tokens", "an array of objects");
    const JsonFields token(list[i], fields.file(), prefix);
    for (const char* field : {"single_word", "lstrip", "rstrip"}) expect_off(token, prefix, field);
    AddedToken added;
    added.id = static_cast<int>(token.integer("id", 0, kMaxId));
    added.content = token.text("content");
    added.special = token.boolean_or("special", false);
    added.normalized = token.boolean_or("normalized", true);
    if (!seen.insert(added.content).second) token.fail("content", "every token once");
    const auto known = ids.find(added.content);
    if (known == ids.end()) {
      put_token(out, fields.file(), added.content, added.id);
    } else if (known->second != added.id) {
      token.fail("id", std::to_string(known->second) + " as in model.vocab");
    }
    out.added.push_back(std::move(added));
  }
}

}  // namespace

BpeFile parse_bpe_file(const std::string& text, const std::string& file) {
  const json object = parse_json_object(text, file);
  const JsonFields fields(object, file);
  BpeFile out;
  read_stages(fields, out);
  read_added(fields, read_model(fields, out), out);
  return out;
}

BpeFile read_bpe_file(const std::filesystem::path& path) {
  return parse_bpe_file(read_small_file(path, kMaxBytes), path.string());
}

}  // namespace squat::model
