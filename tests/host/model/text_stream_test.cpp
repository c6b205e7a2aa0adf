// SPDX-License-Identifier: Apache-2.0
// Streamed text is whole characters at every step, whatever bytes the tokens hold, and all of it in the end.
#include "host/model/text_stream.hpp"

#include "host/model/byte_level_bpe_file.hpp"
#include "host/model/byte_level_bpe_train.hpp"
#include "host/model/output_file.hpp"
#include "host/model/utf8.hpp"
#include "tests/catch.hpp"
#include "tests/host/support.hpp"

using namespace squat;

namespace {

/// Bytes only: every character of several bytes is as many tokens.
model::Tokenizer byte_tokenizer(const std::filesystem::path& directory) {
  const auto file = directory / "tokenizer.json";
  model::write_text_file(file,
                         model::bpe_file_text(model::BpeTrainer({259, 2, {"<pad>", "<s>", "</s>"}, false, false}).train()));
  return model::Tokenizer(file, 1);
}

}  // namespace

TEST_CASE("characters of several bytes are shown when their last byte has come") {
  const test::TemporaryDirectory directory;
  const model::Tokenizer tokenizer = byte_tokenizer(directory.path());
  const std::string text = "a\xc3\xa4\xe6\x97\xa5\xf0\x9f\x98\x80z";  // a, U+E4, U+65E5, U+1F600, z: 1, 2, 3, 4, 1 bytes
  const std::vector<int> ids = tokenizer.encode(text, true);
  REQUIRE(ids.size() == 1 + 11);
  model::TextStream stream(tokenizer);
  std::vector<std::string> pieces;
  for (const int id : ids) pieces.push_back(stream.add(id));
  CHECK(pieces ==
        std::vector<std::string>{"", "a", "", "\xc3\xa4", "", "", "\xe6\x97\xa5", "", "", "", "\xf0\x9f\x98\x80", "z"});
  CHECK(stream.finish().empty());
}

TEST_CASE("bytes that never become a character come out replaced, the text after them whole") {
  const test::TemporaryDirectory directory;
  const model::Tokenizer tokenizer = byte_tokenizer(directory.path());
  const std::vector<int> letters = tokenizer.encode("xyz", false), high = tokenizer.encode("\xc3\xa4", false);
  // x, the first byte of a character, y, the second byte of one, z, the first byte again.
  model::TextStream stream(tokenizer);
  std::string all;
  for (const int id : {letters[0], high[0], letters[1], high[1], letters[2], high[0]}) {
    const std::string piece = stream.add(id);
    CHECK(model::find_invalid_utf8(piece) == std::string_view::npos);
    all += piece;
  }
  CHECK(all == "x\xef\xbf\xbdy\xef\xbf\xbdz");
  CHECK(stream.finish() == "\xef\xbf\xbd");
}

TEST_CASE("a stream that begins after shown ids goes on as one that saw them all") {
  const test::TemporaryDirectory directory;
  const model::Tokenizer tokenizer = byte_tokenizer(directory.path());
  const std::vector<int> ids = tokenizer.encode("a\xc3\xa4\xe6\x97\xa5z", true);
  for (std::size_t shown = 0; shown <= ids.size(); ++shown) {
    model::TextStream whole(tokenizer);
    const auto middle = ids.begin() + static_cast<std::ptrdiff_t>(shown);
    for (auto id = ids.begin(); id != middle; ++id) whole.add(*id);
    model::TextStream later(tokenizer, {ids.begin(), middle});
    for (auto id = middle; id != ids.end(); ++id) CHECK(later.add(*id) == whole.add(*id));
    CHECK(later.finish() == whole.finish());
  }
}
