// SPDX-License-Identifier: Apache-2.0
// Which class a model finds likeliest: the largest logit among the classes' tokens behind the last token of a text.
#pragma once

#include <functional>
#include <vector>

#include "host/evaluate/perplexity.hpp"

namespace squat::evaluate {

/// Index of the largest logit of `row` among `tokens`; of equal ones the first.
int likeliest(const LogitsView& logits, int row, int vocab, const std::vector<int>& tokens);

/// A class for every text. `workers` give the logits of the last position only, each in a thread of its own as in
/// score_sentences; no result depends on how many there are. `progress` is called in the caller's thread.
std::vector<int> predict_classes(const std::vector<std::vector<int>>& texts, int vocab, const std::vector<int>& tokens,
                                 const std::vector<LogitsFunction>& workers,
                                 const std::function<void(int done, int total)>& progress = {});

}  // namespace squat::evaluate
