// SPDX-License-Identifier: Apache-2.0
#include "host/evaluate/minimal_pairs.hpp"

#include "tests/host/support.hpp"

namespace fs = std::filesystem;

namespace squat::evaluate {
namespace {

const std::string kGood = R"({"sentence_good": "He runs.", "sentence_bad": "He run.", "field": "f", "linguistics_term": "t"})";

std::string refused(const std::string& text) {
  return test::input_error_of([&] { parse_pairs(text, "p.jsonl", "p"); });
}

}  // namespace

TEST_CASE("pairs are read in BLiMP's form, other fields and empty lines left aside") {
  const Paradigm paradigm = parse_pairs(
      "\n" + kGood + "\r\n \n" +
          R"({"pairID": "1", "sentence_bad": "Caf\u00e9s is.", "sentence_good": "Cafés are.", "field": "f", "linguistics_term": "t"})",
      "p.jsonl", "p");
  REQUIRE(paradigm.pairs.size() == 2);
  CHECK(paradigm.name == "p");
  CHECK(paradigm.field == "f");
  CHECK(paradigm.linguistics_term == "t");
  CHECK(paradigm.pairs[0].good == "He runs.");
  CHECK(paradigm.pairs[0].bad == "He run.");
  CHECK(paradigm.pairs[0].line == 2);
  CHECK(paradigm.pairs[1].bad == "Caf\xc3\xa9s is.");
  CHECK(paradigm.pairs[1].line == 4);

  const Paradigm bare = parse_pairs(R"({"sentence_good": "a", "sentence_bad": "b"})", "p.jsonl", "p");
  CHECK(bare.field.empty());
  CHECK(bare.linguistics_term.empty());
}

TEST_CASE("only the first pairs are read when fewer are asked for") {
  CHECK(parse_pairs(kGood + "\n" + kGood + "\n" + kGood, "p.jsonl", "p", 2).pairs.size() == 2);
  CHECK(parse_pairs(kGood + "\nnot JSON", "p.jsonl", "p", 1).pairs.size() == 1);
  CHECK(parse_pairs(kGood, "p.jsonl", "p", 5).pairs.size() == 1);
}

TEST_CASE("a bad line is named by file, line and field") {
  CHECK_THAT(refused(kGood + "\n{\"sentence_good\": "), Catch::StartsWith("p.jsonl: line 2: malformed JSON at byte 19"));
  CHECK_THAT(refused(kGood + "\n[1]"), Catch::Contains("line 2: expected a JSON object, found array"));
  CHECK_THAT(refused("\xff\xfe{}"), Catch::Contains("line 1: malformed JSON"));
  CHECK_THAT(refused(R"({"sentence_good": "a"})"), Catch::Contains("line 1: field 'sentence_bad' is missing"));
  CHECK_THAT(refused(R"({"sentence_good": "a", "sentence_bad": null})"), Catch::Contains("'sentence_bad' is missing"));
  CHECK_THAT(refused(R"({"sentence_good": 7, "sentence_bad": "b"})"),
             Catch::Contains("line 1: field 'sentence_good': expected a string, found 7"));
  CHECK_THAT(refused(R"({"sentence_good": " \n", "sentence_bad": "b"})"), Catch::Contains("expected a sentence"));
  CHECK_THAT(refused(R"({"sentence_good": "a", "sentence_good": "c", "sentence_bad": "b"})"), Catch::Contains("appears twice"));
  CHECK_THAT(refused(R"({"sentence_good": "a", "sentence_bad": "\ud800"})"), Catch::Contains("line 1: malformed JSON"));
  CHECK_THAT(refused(kGood + "\n" + R"({"sentence_good": "a", "sentence_bad": "b", "field": "g", "linguistics_term": "t"})"),
             Catch::Contains("line 2: field 'field': expected 'f' as in the file's first pair, found 'g'"));
  CHECK_THAT(refused(R"({"sentence_good": "a", "sentence_bad": "b", "field": 3})"), Catch::Contains("field 'field'"));
  CHECK_THAT(refused(std::string(70000, ' ') + kGood), Catch::Contains("line 1: expected at most 65536 bytes"));
  CHECK_THAT(refused(std::string(40, '[') + "\n"), Catch::Contains("line 1: "));
  CHECK_THAT(refused("\n \n"), Catch::Contains("p.jsonl: expected minimal pairs, found none"));
  CHECK_THAT(refused(""), Catch::Contains("found none"));
}

TEST_CASE("files are found below a directory and named from the deepest common one") {
  const test::TemporaryDirectory directory;
  const auto add = [&](const std::string& name) {
    fs::create_directories((directory.path() / name).parent_path());
    test::write_bytes(directory.path() / name, kGood);
  };
  const auto names = [](const PairFiles& files) {
    std::vector<std::string> all;
    for (const fs::path& name : files.names) all.push_back(name.string());
    return all;
  };
  CHECK_THAT(test::input_error_of([&] { pair_files(directory.path()); }), Catch::Contains("found none"));
  add("data/b.jsonl");
  add("data/a.jsonl");
  add("data/Z.jsonl");
  add("README.txt");
  const PairFiles flat = pair_files(directory.path());
  CHECK(flat.directory == directory.path() / "data");
  CHECK(names(flat) == std::vector<std::string>{"Z.jsonl", "a.jsonl", "b.jsonl"});
  CHECK(names(pair_files(directory.path() / "data")) == names(flat));
  add("more/a.jsonl");
  const PairFiles deep = pair_files(directory.path());
  CHECK(deep.directory == directory.path());
  CHECK(names(deep) == std::vector<std::string>{"data/Z.jsonl", "data/a.jsonl", "data/b.jsonl", "more/a.jsonl"});
  const PairFiles one = pair_files(directory.path() / "data" / "b.jsonl");
  CHECK(one.directory == directory.path() / "data");
  CHECK(names(one) == std::vector<std::string>{"b.jsonl"});
  CHECK_THAT(test::input_error_of([&] { pair_files(directory.path() / "nowhere"); }), Catch::Contains("nowhere"));
}

}  // namespace squat::evaluate
