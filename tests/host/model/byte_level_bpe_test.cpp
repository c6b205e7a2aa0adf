// SPDX-License-Identifier: Apache-2.0
#include "host/model/byte_level_bpe.hpp"

#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>
#include <random>
#include <set>

#include "host/model/byte_level_bpe_text.hpp"
#include "host/model/byte_level_bpe_train.hpp"
#include "host/model/tokenizer.hpp"
#include "host/model/utf8.hpp"
#include "tests/host/support.hpp"

namespace squat::model {
namespace {

using Json = nlohmann::json;

std::vector<std::string> words_of(const std::string& text) {
  std::vector<std::string> words;
  for_each_word(text, [&](std::string_view word) { words.emplace_back(word); });
  return words;
}

/// A complete small file: three specials, 256 bytes, merges "h e" and "Ġ t", "Ġt he".
Json small_file() {
  BpeTrainer trainer({262, 2, {"<pad>", "<s>", "</s>"}, true, true});
  trainer.add_line("the the the he");
  return Json::parse(bpe_file_text(trainer.train()));
}

std::string refused(const Json& file) {
  return test::input_error_of([&] { parse_bpe_file(file.dump(), "t.json"); });
}

}  // namespace

TEST_CASE("Hugging Face's ids and texts are reproduced") {
  const auto path = test::shared_data("golden/tokenizer_bytelevel_bpe1500.json");
  if (path.empty()) return;
  const ByteLevelBpe bpe(read_bpe_file(path));
  CHECK(bpe.size() == 1500);
  const Json cases = Json::parse(test::read_bytes(test::shared_data("golden/tokenizer_bytelevel_bpe1500_cases.json")));
  REQUIRE(cases.at("cases").size() == 10);
  for (const Json& c : cases.at("cases")) {
    const auto text = c.at("text").get<std::string>();
    INFO(text);
    const auto ids = c.at("ids").get<std::vector<int>>();
    CHECK(bpe.encode(text) == ids);
    CHECK(bpe.decode(ids) == c.at("decoded").get<std::string>());
    std::vector<std::string> tokens;
    for (const int id : ids) tokens.push_back(bpe.file().tokens[static_cast<std::size_t>(id)]);
    CHECK(tokens == c.at("tokens").get<std::vector<std::string>>());
  }
}

/// The most frequent pair with the lowest ids, recounted from scratch each time.
std::vector<std::pair<int, int>> naive_merges(std::vector<std::vector<int>> words, int first_id, int merges) {
  std::vector<std::pair<int, int>> chosen;
  for (int id = first_id; id < first_id + merges; ++id) {
    std::map<std::pair<int, int>, int> counts;
    for (const auto& w : words) {
      for (std::size_t k = 0; k + 1 < w.size(); ++k) ++counts[{w[k], w[k + 1]}];
    }
    const auto more = [](const auto& x, const auto& y) { return x.second < y.second; };
    const auto best = std::max_element(counts.begin(), counts.end(), more);  // the first of equals
    if (best == counts.end() || best->second < 2) break;
    chosen.push_back(best->first);
    for (auto& w : words) {
      for (std::size_t k = 0; k + 1 < w.size(); ++k) {
        if (w[k] != best->first.first || w[k + 1] != best->first.second) continue;
        w[k] = id;
        w.erase(w.begin() + static_cast<std::ptrdiff_t>(k) + 1);
      }
    }
  }
  return chosen;
}

TEST_CASE("training chooses the most frequent pair each time, ties by id") {
  std::mt19937 random(5);
  for (int round = 0; round < 20; ++round) {
    BpeTrainer trainer({256 + 60, 2, {}, true, true});
    const ByteLevelBpe bytes(BpeTrainer({256, 2, {}, true, true}).train());
    std::vector<std::vector<int>> words;
    for (int w = 0; w < 40; ++w) {
      std::string word(1 + random() % 8, ' ');
      for (char& c : word) c = static_cast<char>('a' + random() % 4);
      trainer.add_line(word);
      words.push_back(bytes.encode(word));
    }
    const BpeFile file = trainer.train();
    const bool clash = std::set<int>(file.merged.begin(), file.merged.end()).size() != file.merged.size();
    if (!clash) CHECK((file.merges == naive_merges(words, 256, 60)));
  }
}

TEST_CASE("training ends when the text has nothing left to merge") {
  BpeTrainer trainer({280, 1, {}, true, true});
  trainer.add_line("ab");
  const BpeFile file = trainer.train();  // " ab": one pair of three symbols, then the pair of the rest
  CHECK(file.merges.size() == 2);
  CHECK(file.tokens.size() == 258);
  CHECK(ByteLevelBpe(file).encode("ab") == std::vector<int>{257});
}

TEST_CASE("a vocabulary learned from the same tales is nearly the published one") {
  // The reference was trained on a differently trimmed copy of the text, so it cannot be equal.
  const auto golden = test::shared_data("golden/tokenizer_bytelevel_bpe1500.json");
  const auto text = test::shared_data("data/grimm/tales_body.txt");
  if (golden.empty() || text.empty()) return;
  BpeTrainOptions options;
  options.pieces = 1500;
  BpeTrainer trainer(options);
  trainer.add_line(test::read_bytes(text));
  const BpeFile mine = trainer.train(), theirs = read_bpe_file(golden);
  CHECK((std::vector<std::string>(mine.tokens.begin(), mine.tokens.begin() + 259) ==
         std::vector<std::string>(theirs.tokens.begin(), theirs.tokens.begin() + 259)));
  const std::set<std::string> known(mine.tokens.begin(), mine.tokens.end());
  const auto shared =
      std::count_if(theirs.tokens.begin(), theirs.tokens.end(), [&](const auto& t) { return known.count(t) != 0; });
  CHECK(shared >= 1425);
}

TEST_CASE("text is divided into words as GPT-2's expression does") {
  using Words = std::vector<std::string>;
  CHECK(words_of("a  b") == Words{"a", " ", " b"});
  CHECK(words_of("a \n b ") == Words{"a", " \n", " b", " "});
  CHECK(words_of("it's 'twas '") == Words{"it", "'s", " '", "twas", " '"});
  CHECK(words_of("'sx") == Words{"'s", "x"});
  CHECK(words_of("x12½+-") == Words{"x", "12½", "+-"});
  CHECK(words_of("a\u00a0\u00a0b") == Words{"a", "\u00a0", "\u00a0", "b"});
  CHECK(words_of("\u00a0b") == Words{"\u00a0", "b"});
  CHECK(words_of("  ") == Words{"  "});
}

TEST_CASE("a trained vocabulary survives its file, and every byte sequence of UTF-8 survives it") {
  const BpeFile file = parse_bpe_file(small_file().dump(), "t.json");
  CHECK(parse_bpe_file(bpe_file_text(file), "t.json").merges == file.merges);
  const ByteLevelBpe bpe(file);
  CHECK(bpe.size() == 262);
  CHECK(bpe.encode("the").size() == 1);
  CHECK(bpe.decode(bpe.encode("the")) == " the");
  std::string every;
  for (const char32_t c : {0x1u, 0x7fu, 0x80u, 0xe9u, 0x7ffu, 0x800u, 0xd7ffu, 0xe000u, 0xfffdu, 0x10000u, 0x10ffffu}) {
    append_utf8(every, c);
  }
  CHECK(bpe.decode(bpe.encode(" " + every)) == " " + every);
  CHECK(bpe.encode("").empty());
  CHECK(bpe.encode("<s>the</s>") == std::vector<int>{1, 261, 2});
  CHECK(bpe.added_id("</s>") == 2);
  CHECK(bpe.added_id("the") == -1);
  // Half a character decodes to the replacement character.
  const std::vector<int> half = bpe.encode(" é");
  CHECK(bpe.decode({half[0], half[1]}) == " \uFFFD");
  CHECK_THAT(test::input_error_of([&] { bpe.encode("ab\xff"); }), Catch::Contains("byte 2"));
  CHECK_THAT(test::input_error_of([&] { BpeTrainer({}).add_line("\xc0\x80"); }), Catch::Contains("byte 0"));
  CHECK_THROWS_AS(BpeTrainer({258, 2, {"<s>", "</s>", "<pad>"}, true, true}), Error);
}

TEST_CASE("added tokens outside the vocabulary are found in the text as it is, or as it is normalised") {
  Json json = small_file();
  const auto add = [&](int id, const char* content, bool normalized) {
    json["added_tokens"].push_back({{"id", id}, {"content", content}, {"normalized", normalized}, {"special", false}});
  };
  add(262, "hi!", true);
  add(263, "ho!", false);
  add(264, "\uFF48\uFF55!", true);  // of wide letters, the same as "hu!"
  const ByteLevelBpe bpe(parse_bpe_file(json.dump(), "t.json"));
  const int space = json.at("model").at("vocab").at("\u0120").get<int>();
  CHECK(bpe.size() == 265);
  CHECK(bpe.encode("the hi! ho!") == std::vector<int>{261, space, 262, space, 263});
  CHECK(bpe.encode("\uFF48\uFF49\uFF01") == std::vector<int>{262});
  CHECK(bpe.encode("hu!") == std::vector<int>{264});
  const std::vector<int> wide = bpe.encode("\uFF48\uFF4F\uFF01");  // "ho!" counts as it stands only
  CHECK(std::count(wide.begin(), wide.end(), 263) == 0);
  CHECK(bpe.decode(wide) == " ho!");
  CHECK(bpe.decode({262, 263}) == "hi!ho!");
  json["added_tokens"].back()["id"] = 261;
  CHECK_THAT(refused(json), Catch::Contains("token id 261 appears twice"));
}

TEST_CASE("long words are merged without quadratic time") {
  BpeTrainer trainer({280, 2, {}, true, true});
  trainer.add_line(std::string(4096, 'a'));
  const ByteLevelBpe bpe(trainer.train());
  const auto ids = bpe.encode(std::string(1 << 20, 'a'));
  CHECK(bpe.decode(ids).size() == (1u << 20) + 1);
  CHECK(ids.size() < (1u << 12));
}

TEST_CASE("tokenizer.json outside the subset is refused by name") {
  const Json good = small_file();
  parse_bpe_file(good.dump(), "t.json");
  const auto with = [&](const char* pointer, const Json& value) {
    Json file = good;
    file[Json::json_pointer(pointer)] = value;
    return refused(file);
  };
  CHECK_THAT(with("/model/type", "WordPiece"), Catch::Contains("model.type") && Catch::Contains("WordPiece"));
  CHECK_THAT(with("/model/dropout", 0.1), Catch::Contains("model.dropout"));
  CHECK_THAT(with("/model/byte_fallback", true), Catch::Contains("model.byte_fallback"));
  CHECK_THAT(with("/model/ignore_merges", true), Catch::Contains("model.ignore_merges"));
  CHECK_THAT(with("/model/end_of_word_suffix", "</w>"), Catch::Contains("model.end_of_word_suffix"));
  CHECK_THAT(with("/normalizer/type", "Lowercase"), Catch::Contains("normalizer.type"));
  CHECK_THAT(with("/pre_tokenizer/type", "Whitespace"), Catch::Contains("pre_tokenizer.type"));
  CHECK_THAT(with("/pre_tokenizer/use_regex", false), Catch::Contains("pre_tokenizer.use_regex"));
  CHECK_THAT(with("/post_processor", {{"type", "TemplateProcessing"}}), Catch::Contains("TemplateProcessing"));
  CHECK_THAT(with("/decoder", nullptr), Catch::Contains("decoder.type"));
  CHECK_THAT(with("/truncation", {{"max_length", 5}}), Catch::Contains("truncation"));
  CHECK_THAT(with("/padding", {{"strategy", "Fixed"}}), Catch::Contains("padding"));
  CHECK_THAT(with("/added_tokens/0/lstrip", true), Catch::Contains("added_tokens[0].lstrip"));
  CHECK_THAT(with("/added_tokens/0/id", 7), Catch::Contains("added_tokens[0].id"));
  CHECK_THAT(with("/added_tokens/1/content", "<pad>"), Catch::Contains("added_tokens[1].content"));
  CHECK_THAT(with("/model/vocab/a", -1), Catch::Contains("model.vocab.a"));
  CHECK_THAT(with("/model/vocab/a", 5), Catch::Contains("id 5 appears twice"));
  CHECK_THAT(with("/model/merges/0", "h"), Catch::Contains("model.merges[0]"));
  CHECK_THAT(with("/model/merges/0", "h é e"), Catch::Contains("model.merges[0]"));
  CHECK_THAT(with("/model/merges/0", "zz z"), Catch::Contains("zz"));
  CHECK_THAT(with("/model/merges/1", good.at("model").at("merges")[0]), Catch::Contains("model.merges[1]"));
  CHECK_THAT(with("/model/merges", 3), Catch::Contains("model.merges"));
  CHECK_THAT(with("/model/vocab", Json::array()), Catch::Contains("model.vocab"));
  CHECK_THAT(test::input_error_of([] { parse_bpe_file("{}", "t.json"); }), Catch::Contains("pre_tokenizer"));
}

TEST_CASE("merges as text, a missing type and empty affixes are GPT-2's form of the same") {
  Json file = small_file();
  for (Json& merge : file["model"]["merges"]) {
    merge = Json(merge[0].get<std::string>() + " " + merge[1].get<std::string>());
  }
  file["model"].erase("type");
  file["model"]["continuing_subword_prefix"] = "";
  file["normalizer"] = nullptr;
  file["model"]["unk_token"] = "<pad>";
  const BpeFile read = parse_bpe_file(file.dump(), "t.json");
  CHECK(read.merges == parse_bpe_file(small_file().dump(), "t.json").merges);
  CHECK_FALSE(read.nfkc);
  file["model"]["vocab"].erase("%");
  CHECK_THAT(refused(file), Catch::Contains("model.unk_token"));
}

TEST_CASE("a model directory may hold tokenizer.json") {
  const test::TemporaryDirectory dir;
  test::write_bytes(dir.path() / "tokenizer.json", small_file().dump());
  ModelConfig config = test::small_config(true);
  config.vocab_size = 262;
  const Tokenizer tokenizer(dir.path(), config);
  CHECK(tokenizer.size() == 262);
  CHECK(tokenizer.encode("the", true) == std::vector<int>{1, 261});
  CHECK(tokenizer.decode({1, 261}) == " the");
  CHECK_THROWS_AS(tokenizer.decode({262}), Error);
  config.vocab_size = 263;
  CHECK_THAT(test::input_error_of([&] { Tokenizer(dir.path(), config); }), Catch::Contains("expected 263 pieces"));
}

}  // namespace squat::model
