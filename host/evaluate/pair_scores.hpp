// SPDX-License-Identifier: Apache-2.0
// Which sentence of a minimal pair a model finds likelier, and how sure the share of right answers is.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <vector>

#include "host/evaluate/perplexity.hpp"

namespace squat::evaluate {

/// Scores are integers, so that their sums depend on no order: -ln p of each token in units of 2^-20 nats, rounded to nearest.
constexpr double kScoreUnits = 0x1p20;

/// -ln p of a sentence: the sum over all tokens but the first, the begin-of-text token. Less is likelier.
std::int64_t sentence_score(const std::vector<int>& ids, int vocab, const LogitsFunction& logits);

/// Scores of all sentences. Each of `workers` runs in a thread of its own (one: in the caller's) and takes the next sentence
/// that nobody has; no result depends on how many there are. `progress` is called in the caller's thread. Rethrows a worker's
/// first error.
std::vector<std::int64_t> score_sentences(const std::vector<std::vector<int>>& sentences, int vocab,
                                          const std::vector<LogitsFunction>& workers,
                                          const std::function<void(int done, int total)>& progress = {});

struct Accuracy {
  double value = 0;             ///< share of pairs whose good sentence is likelier, 0..1; a tie is a wrong answer
  std::optional<double> error;  ///< standard error sqrt(value * (1 - value) / (pairs - 1)); none for a single pair
  int pairs = 0, right = 0, ties = 0;
};

/// scores: good and bad of each pair in turn, `pairs` pairs.
Accuracy pair_accuracy(const std::int64_t* scores, int pairs);

/// Mean of several accuracies, each of the same weight, and its standard error sqrt(sum of squared errors) / number; counts
/// add up. None of them: all 0.
Accuracy mean_accuracy(const std::vector<Accuracy>& parts);

}  // namespace squat::evaluate
