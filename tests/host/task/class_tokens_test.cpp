// SPDX-License-Identifier: Apache-2.0
#include "host/task/class_tokens.hpp"

#include <set>

#include "host/task/known_tasks.hpp"
#include "tests/host/task/vocabulary.hpp"

namespace squat::task {
namespace {

std::string refusal(const model::Tokenizer& tokenizer, const std::vector<std::string>& words, std::vector<TaskClass> classes) {
  try {
    name_tokens(tokenizer, words, classes);
  } catch (const Error& error) {
    CHECK(error.code() == ExitCode::kUsage);
    return error.what();
  }
  return "";
}

}  // namespace

TEST_CASE("every class of every known task gets a token of its own that stands for text") {
  for (const bool bytes : {false, true}) {
    const model::Tokenizer tokenizer = bytes ? test::byte_level() : test::sentence_piece();
    for (const std::string& name : known_task_names()) {
      std::vector<TaskClass> classes = known_task(name).classes;
      choose_tokens(tokenizer, classes);
      std::set<int> tokens;
      for (const TaskClass& c : classes) {
        INFO(name << " " << c.name << " " << c.word);
        CHECK(tokens.insert(c.token).second);
        CHECK(c.token >= 0);
        CHECK(c.token < tokenizer.size());
        CHECK_FALSE(c.word.empty());
      }
    }
  }
}

TEST_CASE("a word that is one piece is its class's token, one that is several gives its first free piece") {
  const model::Tokenizer tokenizer = test::byte_level();
  const std::vector<int> pieces = tokenizer.encode("king yes", false);
  std::vector<TaskClass> classes = {{"a", "yes"}, {"b", "yes"}, {"c", "queen"}};
  choose_tokens(tokenizer, classes);
  CHECK(classes[0].token == pieces.back());
  CHECK(classes[0].word == "yes");
  CHECK(classes[1].token != classes[0].token);
  // Without words the names count; more classes of one letter than pieces begin with it still differ.
  std::vector<TaskClass> many;
  for (int i = 0; i < kMaxClasses; ++i) many.push_back({"z" + std::to_string(i), ""});
  choose_tokens(tokenizer, many);
  std::set<int> tokens;
  for (const TaskClass& c : many) tokens.insert(c.token);
  CHECK(tokens.size() == static_cast<std::size_t>(kMaxClasses));
}

TEST_CASE("words that are named are taken as they are or refused") {
  const model::Tokenizer tokenizer = test::byte_level();
  std::vector<TaskClass> classes = {{"false", ""}, {"true", ""}};
  name_tokens(tokenizer, {"no", "yes"}, classes);
  CHECK(pieces_after_text(tokenizer, "no") == std::vector<int>{classes[0].token});
  CHECK(pieces_after_text(tokenizer, "yes") == std::vector<int>{classes[1].token});
  CHECK_THAT(refusal(tokenizer, {"no"}, classes), Catch::Contains("one for each of the 2 classes, found 1"));
  CHECK_THAT(refusal(tokenizer, {"no", "zebra"}, classes), Catch::Contains("'zebra': expected a word that is one piece"));
  CHECK_THAT(refusal(tokenizer, {"no", "no"}, classes), Catch::Contains("stands for two classes"));
}

}  // namespace squat::task
