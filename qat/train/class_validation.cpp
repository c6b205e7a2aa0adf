// SPDX-License-Identifier: Apache-2.0
#include "qat/train/class_validation.hpp"

#include <algorithm>
#include <cmath>

#include "host/evaluate/class_predictions.hpp"

namespace squat::qat {

Validation class_validation(LanguageModel& model, const std::vector<TokenExample>& examples,
                            const std::vector<int>& class_tokens, int at_once) {
  std::vector<const TokenExample*> order;
  for (const TokenExample& e : examples) order.push_back(&e);
  std::stable_sort(order.begin(), order.end(),
                   [](const TokenExample* a, const TokenExample* b) { return a->ids.size() < b->ids.size(); });
  const int vocab = model.config().vocab_size;
  double nll = 0;
  std::int64_t right = 0;
  ModelOutputs outputs;
  for (std::size_t at = 0; at < order.size();) {
    const std::size_t count = std::min(order.size() - at, static_cast<std::size_t>(at_once));
    const auto first = order.begin() + static_cast<std::ptrdiff_t>(at);
    const Batch batch = padded_batch({first, first + static_cast<std::ptrdiff_t>(count)});
    model.forward(batch, {}, outputs);
    const evaluate::LogitsView logits{outputs.logits.data(), nullptr, 1.0};
    for (std::size_t s = 0; s < count; ++s) {
      const int row = static_cast<int>(s) * batch.length + batch.lengths[s] - 1;
      const int target = order[at + s]->target;
      nll += evaluate::negative_log_likelihood(logits, row, vocab, target);
      const int chosen = evaluate::likeliest(logits, row, vocab, class_tokens);
      right += class_tokens[static_cast<std::size_t>(chosen)] == target;
    }
    at += count;
  }
  const auto n = static_cast<double>(examples.size());
  return {std::exp(nll / n), static_cast<double>(right) / n};
}

}  // namespace squat::qat
