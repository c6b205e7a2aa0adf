// SPDX-License-Identifier: Apache-2.0
#include "host/model/tokenizer.hpp"

#include "tests/host/support.hpp"

namespace squat::model {
namespace {

ModelConfig config_with(int vocab) {
  ModelConfig config = test::small_config(true);
  config.vocab_size = vocab;
  return config;
}

}  // namespace

TEST_CASE("tokenizer files are checked") {
  const test::TemporaryDirectory dir;
  const auto load = [&] { return test::input_error_of([&] { Tokenizer(dir.path(), config_with(48)); }); };
  CHECK_THAT(load(), Catch::Contains("found none"));
  test::write_bytes(dir.path() / "tokenizer.json", "{}");
  CHECK_THAT(load(), Catch::Contains("tokenizer.json"));
  test::write_bytes(dir.path() / "tokenizer.model", "garbage");
  CHECK_THAT(load(), Catch::Contains("SentencePiece"));
  test::write_bytes(dir.path() / "tokenizer.model", "");
  CHECK_THAT(load(), Catch::Contains("tokenizer.model"));
}

TEST_CASE("text survives encoding and decoding; the vocabulary must fit the model") {
  const auto dir = test::shared_data("data/tiny_llama_fp32");
  if (dir.empty()) return;
  CHECK_THAT(test::input_error_of([&] { Tokenizer(dir, config_with(2047)); }), Catch::Contains("expected 2047 pieces"));
  const Tokenizer tokenizer(dir, config_with(2048));
  const std::string text = "Once upon a time there was a king.";
  const auto ids = tokenizer.encode(text, false);
  CHECK(tokenizer.decode(ids) == text);
  auto with_bos = ids;
  with_bos.insert(with_bos.begin(), 1);
  CHECK(tokenizer.encode(text, true) == with_bos);
  CHECK(tokenizer.decode(with_bos) == text);
  CHECK_THROWS_AS(tokenizer.decode({2048}), Error);
  CHECK_THROWS_AS(tokenizer.decode({-1}), Error);
}

}  // namespace squat::model
