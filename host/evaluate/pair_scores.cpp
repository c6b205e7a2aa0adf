// SPDX-License-Identifier: Apache-2.0
#include "host/evaluate/pair_scores.hpp"

#include <atomic>
#include <cmath>
#include <exception>
#include <mutex>
#include <thread>

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
  std::atomic<std::size_t> next{0};
  std::mutex mutex;
  std::exception_ptr error;
  const auto work = [&](const LogitsFunction& logits, bool reports) {
    try {
      for (std::size_t i = next++; i < sentences.size(); i = next++) {
        scores[i] = sentence_score(sentences[i], vocab, logits);
        if (reports && progress) progress(static_cast<int>(i) + 1, static_cast<int>(sentences.size()));
      }
    } catch (...) {
      next = sentences.size();
      const std::lock_guard<std::mutex> lock(mutex);
      if (!error) error = std::current_exception();
    }
  };
  std::vector<std::thread> threads;
  for (std::size_t i = 1; i < workers.size(); ++i) threads.emplace_back([&, i] { work(workers[i], false); });
  work(workers.front(), true);
  for (std::thread& thread : threads) thread.join();
  if (error) std::rethrow_exception(error);
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
