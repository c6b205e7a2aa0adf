// SPDX-License-Identifier: Apache-2.0
#include "host/task/class_tokens.hpp"

#include <algorithm>

#include "host/model/error.hpp"
#include "host/model/utf8.hpp"

namespace squat::task {
namespace {

bool is_taken(const std::vector<TaskClass>& classes, int token) {
  return std::any_of(classes.begin(), classes.end(), [&](const TaskClass& c) { return c.token == token; });
}

std::string text_of(const model::Tokenizer& tokenizer, int token) {
  std::string text = model::replace_invalid_utf8(tokenizer.decode({token}));
  const std::size_t first = text.find_first_not_of(' ');
  return first == std::string::npos ? "" : text.substr(first);
}

int free_token(const model::Tokenizer& tokenizer, const std::vector<TaskClass>& classes, const TaskClass& of) {
  for (const int id : pieces_after_text(tokenizer, of.word.empty() ? of.name : of.word)) {
    if (!is_taken(classes, id) && !text_of(tokenizer, id).empty()) return id;
  }
  for (char digit = '0'; digit <= '9'; ++digit) {
    const std::vector<int> pieces = pieces_after_text(tokenizer, std::string(1, digit));
    if (pieces.size() == 1 && !is_taken(classes, pieces[0])) return pieces[0];
  }
  for (int id = 0; id < tokenizer.size(); ++id) {
    if (!is_taken(classes, id) && !text_of(tokenizer, id).empty()) return id;
  }
  throw usage_error("the vocabulary has too few pieces for " + std::to_string(classes.size()) + " classes");
}

}  // namespace

std::vector<int> pieces_after_text(const model::Tokenizer& tokenizer, const std::string& word) {
  // What is before the word decides whether its first piece carries a space.
  const std::vector<int> before = tokenizer.encode("a", false), with = tokenizer.encode("a " + word, false);
  if (with.size() > before.size() && std::equal(before.begin(), before.end(), with.begin())) {
    return {with.begin() + static_cast<std::ptrdiff_t>(before.size()), with.end()};
  }
  return tokenizer.encode(word, false);
}

void choose_tokens(const model::Tokenizer& tokenizer, std::vector<TaskClass>& classes) {
  for (TaskClass& c : classes) c.token = -1;
  for (TaskClass& c : classes) {
    c.token = free_token(tokenizer, classes, c);
    c.word = text_of(tokenizer, c.token);
  }
}

void name_tokens(const model::Tokenizer& tokenizer, const std::vector<std::string>& words, std::vector<TaskClass>& classes) {
  if (words.size() != classes.size()) {
    throw usage_error("--words: expected one for each of the " + std::to_string(classes.size()) + " classes, found " +
                      std::to_string(words.size()));
  }
  for (TaskClass& c : classes) c.token = -1;
  for (std::size_t i = 0; i < words.size(); ++i) {
    const std::vector<int> pieces = pieces_after_text(tokenizer, words[i]);
    if (pieces.size() != 1) {
      throw usage_error("--words: '" + words[i] + "': expected a word that is one piece of the model's vocabulary, found " +
                        std::to_string(pieces.size()) + " pieces; choose another word, or leave --words out");
    }
    if (is_taken(classes, pieces[0]))
      throw usage_error("--words: '" + words[i] + "' stands for two classes; give each its own");
    classes[i].word = words[i];
    classes[i].token = pieces[0];
  }
}

}  // namespace squat::task
