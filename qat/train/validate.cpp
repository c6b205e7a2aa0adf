// SPDX-License-Identifier: Apache-2.0
#include "qat/train/validate.hpp"

#include <algorithm>
#include <cmath>

#include "host/model/error.hpp"

namespace squat::qat {

double validation_perplexity(LanguageModel& model, const TokenFile& text, const ValidationOptions& options) {
  const auto window = static_cast<std::uint64_t>(options.window);
  std::uint64_t windows = text.size() / window;
  if (options.max_windows >= 0) windows = std::min(windows, static_cast<std::uint64_t>(options.max_windows));
  if (windows == 0) {
    throw input_error("the validation text has " + std::to_string(text.size()) + " tokens, one window needs " +
                      std::to_string(options.window) + "; use more text");
  }
  double nll = 0;
  std::int64_t predictions = 0;
  for (std::uint64_t at = 0; at < windows;) {
    const std::uint64_t count = std::min(windows - at, static_cast<std::uint64_t>(options.at_once));
    Batch batch;
    batch.sequences = static_cast<int>(count);
    batch.length = options.window;
    batch.tokens.resize(static_cast<std::size_t>(count * window));
    text.read(at * window, batch.tokens.size(), batch.tokens.data());
    const BatchResult result = model.forward_backward(batch, {}, nullptr, false);
    nll += result.ce * static_cast<double>(result.targets);
    predictions += result.targets;
    at += count;
  }
  return std::exp(nll / static_cast<double>(predictions));
}

}  // namespace squat::qat
