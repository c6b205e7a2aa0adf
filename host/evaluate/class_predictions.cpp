// SPDX-License-Identifier: Apache-2.0
#include "host/evaluate/class_predictions.hpp"

#include "host/evaluate/share_out.hpp"

namespace squat::evaluate {
namespace {

template <typename Value>
int largest(const Value* row, const std::vector<int>& tokens) {
  std::size_t best = 0;
  for (std::size_t i = 1; i < tokens.size(); ++i) {
    if (row[tokens[i]] > row[tokens[best]]) best = i;
  }
  return static_cast<int>(best);
}

}  // namespace

int likeliest(const LogitsView& logits, int row, int vocab, const std::vector<int>& tokens) {
  const auto at = static_cast<std::ptrdiff_t>(row) * vocab;
  return logits.real != nullptr ? largest(logits.real + at, tokens) : largest(logits.integer + at, tokens);
}

std::vector<int> predict_classes(const std::vector<std::vector<int>>& texts, int vocab, const std::vector<int>& tokens,
                                 const std::vector<LogitsFunction>& workers,
                                 const std::function<void(int done, int total)>& progress) {
  std::vector<int> classes(texts.size());
  const int total = static_cast<int>(texts.size());
  share_out(total, static_cast<int>(workers.size()), [&](int index, int thread) {
    const std::vector<int>& ids = texts[static_cast<std::size_t>(index)];
    const LogitsView view = workers[static_cast<std::size_t>(thread)](ids.data(), static_cast<int>(ids.size()));
    classes[static_cast<std::size_t>(index)] = likeliest(view, 0, vocab, tokens);
    if (thread == 0 && progress) progress(index + 1, total);
  });
  return classes;
}

}  // namespace squat::evaluate
