// SPDX-License-Identifier: Apache-2.0
#include "host/task/layout.hpp"

#include <algorithm>
#include <string_view>

#include "host/model/error.hpp"
#include "host/model/utf8.hpp"

namespace squat::task {
namespace {

constexpr std::size_t kWhole = std::string_view::npos;

std::size_t characters(std::string_view text) {
  std::size_t count = 0;
  for (std::size_t at = 0; at < text.size(); ++count) at += static_cast<std::size_t>(model::code_point_at(text, at).bytes);
  return count;
}

/// The first `limit` characters, no space at the end: the next part brings its own.
std::string_view front(std::string_view text, std::size_t limit) {
  if (limit == kWhole) return text;
  std::size_t at = 0;
  for (std::size_t i = 0; i < limit && at < text.size(); ++i) {
    at += static_cast<std::size_t>(model::code_point_at(text, at).bytes);
  }
  if (at == text.size()) return text;
  while (at > 0 && (text[at - 1] == ' ' || text[at - 1] == '\t' || text[at - 1] == '\n')) --at;
  return text.substr(0, at);
}

}  // namespace

Layout::Layout(const std::string& text) {
  const auto refuse = [&](const std::string& found) {
    throw usage_error("layout '" + text + "': expected a text with fields in braces, such as '{premise} {hypothesis}', found " +
                      found);
  };
  std::size_t at = 0;
  for (std::size_t open = text.find_first_of("{}"); open != std::string::npos; open = text.find_first_of("{}", at)) {
    const std::size_t close = text.find_first_of("{}", open + 1);
    if (text[open] == '}' || close == std::string::npos || text[close] == '{') refuse("braces that do not match");
    if (close == open + 1) refuse("a field without a name");
    around_.push_back(text.substr(at, open - at));
    fields_.push_back(text.substr(open + 1, close - open - 1));
    at = close + 1;
  }
  if (fields_.empty()) refuse("no field");
  around_.push_back(text.substr(at));
}

std::string Layout::fill(const std::vector<std::string>& values, std::size_t limit) const {
  std::string text = around_.front();
  for (std::size_t i = 0; i < fields_.size(); ++i) text.append(front(values[i], limit)).append(around_[i + 1]);
  return text;
}

TextTokens encode(const Layout& layout, const std::vector<std::string>& values, const model::Tokenizer& tokenizer,
                  int longest) {
  const auto most = static_cast<std::size_t>(longest);
  TextTokens whole{tokenizer.encode(layout.fill(values, kWhole), true), false};
  if (whole.ids.size() <= most) return whole;
  const auto tokens = [&](std::size_t limit) { return tokenizer.encode(layout.fill(values, limit), true); };
  TextTokens cut{tokens(0), true};
  if (cut.ids.size() > most) {
    throw usage_error("the layout alone has " + std::to_string(cut.ids.size()) + " tokens, texts have at most " +
                      std::to_string(longest) + "; use a shorter layout or longer texts");
  }
  std::size_t fits = 0, fails = 0;
  for (const std::string& value : values) fails = std::max(fails, characters(value));
  while (fits + 1 < fails) {
    const std::size_t middle = fits + (fails - fits) / 2;
    std::vector<int> ids = tokens(middle);
    if (ids.size() > most) {
      fails = middle;
    } else {
      fits = middle;
      cut.ids = std::move(ids);
    }
  }
  return cut;
}

}  // namespace squat::task
