// SPDX-License-Identifier: Apache-2.0
#include "host/evaluate/pair_scores.hpp"

#include <cmath>

#include "host/evaluate/share_out.hpp"

namespace squat::evaluate {

std::int64_t sentence_score(const std::vector<int>& ids, int vocab, const LogitsFunction& logits) {
  const int tokens = static_cast<int>(ids.size());
  const LogitsView view = logits(ids.data(), tokens);
  std::int64_t score = 0;
  for (int t = 0; t + 1 < tokens; ++t) {
    score += std::llround(negative_log_likelihood(view, t, vocab, ids[static_cast<std::size_t>(t) + 1]) * kScoreUnits);
  }
  return score;
}

std::vector<std::int64_t> score_sentences(const std::vector<std::vector<int>>& sentences, int vocab,
                                          const std::vector<LogitsFunction>& workers,
                                          const std::function<void(int done, int total)>& progress) {
  std::vector<std::int64_t> scores(sentences.size());
  const int total = static_cast<int>(sentences.size());
  share_out(total, static_cast<int>(workers.size()), [&](int index, int thread) {
    const auto i = static_cast<std::size_t>(index);
    scores[i] = sentence_score(sentences[i], vocab, workers[static_cast<std::size_t>(thread)]);
    if (thread == 0 && progress) progress(index + 1, total);
  });
  return scores;
}

Accuracy pair_accuracy(const std::int64_t* scores, int pairs) {
  Accuracy a;
  a.pairs = pairs;
  for (int i = 0; i < pairs; ++i) {
    const std::int64_t good = scores[2 * i], bad = scores[2 * i + 1];
    a.right += good < bad;
    a.ties += good == bad;
  }
  a.value = static_cast<double>(a.right) / pairs;
  if (pairs > 1) a.error = std::sqrt(a.value * (1 - a.value) / (pairs - 1));
  return a;
}

Accuracy mean_accuracy(const std::vector<Accuracy>& parts) {
  Accuracy mean;
  if (parts.empty()) return mean;
  double squares = 0;
  bool known = true;
  for (const Accuracy& part : parts) {
    mean.value += part.value;
    mean.pairs += part.pairs;
    mean.right += part.right;
    mean.ties += part.ties;
    known = known && part.error.has_value();
    squares += part.error.value_or(0) * part.error.value_or(0);
  }
  const auto count = static_cast<double>(parts.size());
  mean.value /= count;
  if (known) mean.error = std::sqrt(squares) / count;
  return mean;
}

}  // namespace squat::evaluate
