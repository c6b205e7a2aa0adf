// SPDX-License-Identifier: Apache-2.0
// The perplexity protocol, the same for every device: docs/reference/model_directory.md, "Perplexity".
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <vector>

#include "host/model/tokenizer.hpp"

namespace squat::evaluate {

/// Logits of one window, (tokens, vocab) row-major: either real numbers or a device's integers times `scale`.
struct LogitsView {
  const float* real = nullptr;
  const std::int32_t* integer = nullptr;
  double scale = 1.0;
};

/// Runs one window from position 0; the view stays valid until the next call.
using LogitsFunction = std::function<LogitsView(const int* ids, int tokens)>;

struct PerplexityOptions {
  int window = 128;      ///< ids per window, at least 2; window - 1 predictions each
  int max_windows = -1;  ///< only the first ones; -1 = all complete windows
  /// Called after each window with the number done and the number to do.
  std::function<void(int done, int total)> progress;
};

struct PerplexityResult {
  double perplexity = 0;     ///< exp(nll / tokens)
  double nll = 0;            ///< sum of -ln p(next token)
  std::uint64_t tokens = 0;  ///< predictions
  int windows = 0;
};

/// Ids of a text: each non-empty line encoded with a leading bos, concatenated. A trailing carriage return is no content.
std::vector<int> encode_lines(const model::Tokenizer& tokenizer, const std::string& text);

/// As above for a file of at most 1 GiB. Throws an input_error that names the file, for text that the vocabulary cannot encode
/// the line as well, and when there are fewer than `at_least` ids.
std::vector<int> encode_file(const model::Tokenizer& tokenizer, const std::filesystem::path& file, int at_least = 0);

/// -ln softmax(logits)[target] of one row of `vocab` logits.
double negative_log_likelihood(const LogitsView& logits, int row, int vocab, int target);

/// Consecutive windows of `window` ids. Throws input_error when there is not one complete window.
PerplexityResult perplexity(const std::vector<int>& ids, int vocab, const LogitsFunction& logits,
                            const PerplexityOptions& options);

}  // namespace squat::evaluate
