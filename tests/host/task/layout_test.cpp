// SPDX-License-Identifier: Apache-2.0
#include "host/task/layout.hpp"

#include <algorithm>

#include "tests/host/task/vocabulary.hpp"

namespace squat::task {
namespace {

using Values = std::vector<std::string>;
constexpr std::size_t kWhole = 100000;

std::string refusal(const std::string& text) {
  try {
    const Layout layout(text);
  } catch (const Error& error) {
    CHECK(error.code() == ExitCode::kUsage);
    return error.what();
  }
  return "";
}

std::string repeated(const std::string& word, int times) {
  std::string text;
  for (int i = 0; i < times; ++i) text += word;
  return text;
}

}  // namespace

TEST_CASE("a layout puts its fields between its own text") {
  const Layout layout("premise: {a.b} hypothesis: {#1 String}.");
  CHECK(layout.fields() == Values{"a.b", "#1 String"});
  CHECK(layout.fill({"It rains", "It is wet"}, kWhole) == "premise: It rains hypothesis: It is wet.");
  CHECK(layout.fill({"It rains", "It is wet"}, 3) == "premise: It hypothesis: It.");  // no space at a cut
  CHECK(layout.fill({"", ""}, 0) == "premise:  hypothesis: .");
  CHECK(Layout("{x}{x}").fill({"\xc3\xa4\xc3\xb6", "b"}, 1) ==
        "\xc3\xa4"
        "b");  // characters, not bytes
}

TEST_CASE("layouts that cannot be are refused") {
  CHECK_THAT(refusal("text"), Catch::Contains("found no field"));
  CHECK_THAT(refusal("{a"), Catch::Contains("do not match"));
  CHECK_THAT(refusal("a}"), Catch::Contains("do not match"));
  CHECK_THAT(refusal("{a{b}}"), Catch::Contains("do not match"));
  CHECK_THAT(refusal("{}"), Catch::Contains("without a name"));
}

TEST_CASE("a text that fits is encoded whole, a longer one loses the ends of its longest fields") {
  for (const bool bytes : {false, true}) {
    const model::Tokenizer tokenizer = bytes ? test::byte_level() : test::sentence_piece();
    const Layout layout("{passage} {question} end");
    const Values values = {repeated("the king said no, ", 30) + "b\xc3\xa4r", "the queen said yes"};
    const TextTokens whole = encode(layout, values, tokenizer, 1000);
    CHECK_FALSE(whole.cut);
    CHECK(whole.ids == tokenizer.encode(values[0] + " " + values[1] + " end", true));
    std::vector<std::vector<int>> of_length;  // cut to 0, 1, .. characters a field
    for (std::size_t characters = 0; characters < 700; ++characters) {
      of_length.push_back(tokenizer.encode(layout.fill(values, characters), true));
    }
    for (const int longest : {static_cast<int>(whole.ids.size()) - 1, 60, 30}) {
      INFO(bytes << " " << longest);
      const auto most = static_cast<std::size_t>(longest);
      const TextTokens cut = encode(layout, values, tokenizer, longest);
      CHECK(cut.cut);
      CHECK(cut.ids.size() <= most);
      // A length that fits, where one more character does not.
      std::vector<std::vector<int>> fitting;
      for (std::size_t i = 0; i + 1 < of_length.size(); ++i) {
        if (of_length[i].size() <= most && of_length[i + 1].size() > most) fitting.push_back(of_length[i]);
      }
      CHECK(std::find(fitting.begin(), fitting.end(), cut.ids) != fitting.end());
      // The short field stays whole while the long one is longer.
      if (longest >= 60) CHECK_THAT(tokenizer.decode(cut.ids), Catch::EndsWith("the queen said yes end"));
    }
  }
}

TEST_CASE("a layout that does not fit by itself is refused") {
  const model::Tokenizer tokenizer = test::sentence_piece();
  const Layout layout("there was once a king who had three daughters {x}");
  CHECK_THROWS_WITH(encode(layout, {"word"}, tokenizer, 5), Catch::Contains("the layout alone has"));
}

}  // namespace squat::task
