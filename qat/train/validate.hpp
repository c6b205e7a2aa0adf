// SPDX-License-Identifier: Apache-2.0
// Perplexity of the model under training, by the protocol of evaluate::perplexity: consecutive windows, all but their first
// token predicted.
#pragma once

#include "qat/data/token_file.hpp"
#include "qat/model/language_model.hpp"

namespace squat::qat {

struct ValidationOptions {
  int window = 128;
  int max_windows = -1;  ///< only the first ones; -1 = all complete windows
  int at_once = 8;       ///< windows per forward pass
};

/// Throws input_error when there is not one complete window.
double validation_perplexity(LanguageModel& model, const TokenFile& text, const ValidationOptions& options);

}  // namespace squat::qat
