// SPDX-License-Identifier: Apache-2.0
// Perplexity and accuracy of the model under training on the examples of a task.
#pragma once

#include <vector>

#include "qat/data/example_batches.hpp"
#include "qat/train/trainer.hpp"

namespace squat::qat {

/// Perplexity: of the examples' targets, among all tokens. Accuracy: share of examples whose target has the largest logit of
/// `class_tokens`, of equal ones the first. `at_once`: examples per forward pass.
Validation class_validation(LanguageModel& model, const std::vector<TokenExample>& examples,
                            const std::vector<int>& class_tokens, int at_once = 32);

}  // namespace squat::qat
