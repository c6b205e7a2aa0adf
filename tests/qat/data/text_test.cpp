// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "host/evaluate/perplexity.hpp"
#include "host/model/byte_level_bpe_train.hpp"
#include "host/model/crc32.hpp"
#include "host/model/file_crc.hpp"
#include "qat/data/encode_text.hpp"
#include "qat/data/text_lines.hpp"
#include "tests/host/support.hpp"

namespace squat::qat {
namespace {

std::vector<std::string> lines_of(const std::filesystem::path& file) {
  std::vector<std::string> lines;
  for_each_line(file, [&](const std::string& line) { lines.push_back(line); });
  return lines;
}

std::vector<std::int32_t> all_of(const TokenFile& file) {
  std::vector<std::int32_t> ids(static_cast<std::size_t>(file.size()));
  file.read(0, ids.size(), ids.data());
  return ids;
}

/// A vocabulary of bytes and three specials.
std::filesystem::path byte_vocabulary(const std::filesystem::path& directory) {
  const model::BpeFile file = model::BpeTrainer({259, 2, {"<pad>", "<s>", "</s>"}, true, true}).train();
  test::write_bytes(directory / "tokenizer.json", model::bpe_file_text(file));
  return directory / "tokenizer.json";
}

}  // namespace

TEST_CASE("lines are found whatever ends them; broken text is refused with its place") {
  const test::TemporaryDirectory dir;
  const auto path = dir.path() / "text";
  using Lines = std::vector<std::string>;
  test::write_bytes(path, "a\r\n\n\nbé\n c");
  CHECK(lines_of(path) == Lines{"a", "bé", " c"});
  test::write_bytes(path, "one\ntwo\nbad \xc3(\n");
  CHECK_THAT(test::input_error_of([&] { lines_of(path); }), Catch::Contains("line 3, byte 12"));
  test::write_bytes(path, "one\ncut \xe2\x82");
  CHECK_THAT(test::input_error_of([&] { lines_of(path); }), Catch::Contains("line 2, byte 8"));
  test::write_bytes(path, "");
  CHECK_THAT(test::input_error_of([&] { lines_of(path); }), Catch::Contains("an empty file"));
  test::write_bytes(path, "\n\r\n\n");
  CHECK_THAT(test::input_error_of([&] { lines_of(path); }), Catch::Contains("empty lines only"));
  CHECK_THAT(test::input_error_of([&] { lines_of(dir.path()); }), Catch::Contains("directory"));
  CHECK_THAT(test::input_error_of([&] { lines_of(dir.path() / "none"); }), Catch::Contains("cannot open"));
}

TEST_CASE("lines of any length arrive complete, in pieces that are UTF-8") {
  const test::TemporaryDirectory dir;
  const auto path = dir.path() / "text";
  std::string text;
  while (text.size() < 3 * kLongestLine) text += "日本語é";  // no space anywhere, characters across every block's border
  test::write_bytes(path, text + "\nend");
  const auto lines = lines_of(path);
  std::string joined;
  for (const std::string& line : lines) {
    CHECK(line.size() <= kLongestLine);
    joined += line;
  }
  CHECK(joined == text + "end");
  CHECK(lines.back() == "end");
  const std::string all = text + "\nend";
  CHECK(model::crc32_of_file(path) == model::crc32(reinterpret_cast<const std::uint8_t*>(all.data()), all.size()));
}

TEST_CASE("a text becomes the ids that evaluation uses, once") {
  const test::TemporaryDirectory dir;
  const auto vocabulary = byte_vocabulary(dir.path());
  const model::Tokenizer tokenizer(vocabulary, 1);
  const auto text = dir.path() / "text", target = dir.path() / "tokens";
  test::write_bytes(text, "one line\n\nanother\r\n");
  CHECK(encode_text_once(text, tokenizer, vocabulary, target));
  CHECK_FALSE(encode_text_once(text, tokenizer, vocabulary, target));
  {
    const TokenFile file(target);
    CHECK(all_of(file) == evaluate::encode_lines(tokenizer, "one line\nanother"));
    CHECK(file.info().bytes_per_token == 2);
    file.expect_vocabulary(259);
    CHECK_THAT(test::input_error_of([&] { file.expect_vocabulary(300); }), Catch::Contains("300") && Catch::Contains("259"));
  }
  test::write_bytes(text, "one line\n\nanothex\r\n");  // the same size
  CHECK(encode_text_once(text, tokenizer, vocabulary, target));
  test::write_bytes(target, "rubbish");
  CHECK(encode_text_once(text, tokenizer, vocabulary, target));
}

TEST_CASE("large vocabularies take four bytes") {
  const test::TemporaryDirectory dir;
  const auto path = dir.path() / "tokens";
  TokenWriter writer(path, 65537);
  for (const int id : {0, 65535, 65536}) writer.add(id);
  CHECK_THAT(test::input_error_of([&] { writer.add(65537); }), Catch::Contains("65537"));
  writer.finish({});
  CHECK(all_of(TokenFile(path)) == std::vector<std::int32_t>{0, 65535, 65536});
}

TEST_CASE("damaged token files are refused") {
  const test::TemporaryDirectory dir;
  const auto path = dir.path() / "tokens";
  {
    TokenWriter writer(path, 300);
    for (int i = 0; i < 100; ++i) writer.add(i);
    writer.finish({});
  }
  const std::string good = test::read_bytes(path);
  CHECK(good.size() == 264);
  for (std::size_t cut = 0; cut < good.size(); ++cut) {
    test::write_bytes(path, good.substr(0, cut));
    test::input_error_of([&] { TokenFile{path}; });
  }
  test::write_bytes(path, good + "x");
  test::input_error_of([&] { TokenFile{path}; });
  std::string high = good;
  high[21] = '\x7f';  // token 10 becomes 0x7f0a
  test::write_bytes(path, high);
  CHECK_THAT(test::input_error_of([&] { all_of(TokenFile(path)); }), Catch::Contains("token 10"));
}

TEST_CASE("the development corpus gives the ids it was published with") {
  const auto data = test::shared_data("data/tiny_llama_fp32");
  if (data.empty()) return;
  const test::TemporaryDirectory dir;
  const model::Tokenizer tokenizer(data / "sp.model", 1);
  encode_text(data / "valid.txt", tokenizer, data / "sp.model", dir.path() / "tokens");
  const std::string mine = test::read_bytes(dir.path() / "tokens"), golden = test::read_bytes(data / "valid.u16");
  CHECK(mine.size() == golden.size() + 64);
  CHECK(mine.compare(0, golden.size(), golden) == 0);
}

}  // namespace squat::qat
