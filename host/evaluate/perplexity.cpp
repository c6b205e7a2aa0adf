// SPDX-License-Identifier: Apache-2.0
#include "host/evaluate/perplexity.hpp"

#include <algorithm>
#include <cmath>
#include <string>

#include "host/model/error.hpp"
#include "host/model/input_file.hpp"

namespace squat::evaluate {
namespace {

constexpr std::uint64_t kMaxText = std::uint64_t{1} << 30;

/// log(sum(exp(x - max))) + max - x[target], over any arithmetic type of logits.
template <typename Value>
double row_nll(const Value* row, double scale, int vocab, int target) {
  const auto top = static_cast<double>(*std::max_element(row, row + vocab));
  double sum = 0;
  for (int i = 0; i < vocab; ++i) sum += std::exp((static_cast<double>(row[i]) - top) * scale);
  return std::log(sum) + (top - static_cast<double>(row[target])) * scale;
}

}  // namespace

std::vector<int> encode_lines(const model::Tokenizer& tokenizer, const std::string& text) {
  std::vector<int> ids;
  int number = 0;
  for (std::size_t at = 0; at < text.size();) {
    ++number;
    const std::size_t newline = std::min(text.find('\n', at), text.size());
    std::string line = text.substr(at, newline - at);
    if (!line.empty() && line.back() == '\r') line.pop_back();
    if (!line.empty()) {
      try {
        const std::vector<int> encoded = tokenizer.encode(line, true);
        ids.insert(ids.end(), encoded.begin(), encoded.end());
      } catch (const Error& error) {
        throw Error(error.code(), "line " + std::to_string(number) + ": " + error.what());
      }
    }
    at = newline + 1;
  }
  return ids;
}

std::vector<int> encode_file(const model::Tokenizer& tokenizer, const std::filesystem::path& file, int at_least) {
  const std::string text = model::read_small_file(file, kMaxText);
  std::vector<int> ids;
  try {
    ids = encode_lines(tokenizer, text);
  } catch (const Error& error) {
    throw Error(error.code(), file.string() + ": " + error.what());
  }
  if (static_cast<std::int64_t>(ids.size()) < at_least) {
    throw input_error(file.string() + ": expected text of at least " + std::to_string(at_least) + " tokens, found " +
                      std::to_string(ids.size()) + "; use a longer text");
  }
  return ids;
}

double negative_log_likelihood(const LogitsView& logits, int row, int vocab, int target) {
  const auto at = static_cast<std::ptrdiff_t>(row) * vocab;
  return logits.real ? row_nll(logits.real + at, logits.scale, vocab, target)
                     : row_nll(logits.integer + at, logits.scale, vocab, target);
}

PerplexityResult perplexity(const std::vector<int>& ids, int vocab, const LogitsFunction& logits,
                            const PerplexityOptions& options) {
  if (options.window < 2) throw usage_error("window of " + std::to_string(options.window) + " tokens: expected at least 2");
  const auto window = static_cast<std::size_t>(options.window);
  auto windows = static_cast<int>(ids.size() / window);
  if (windows == 0) {
    throw input_error("text of " + std::to_string(ids.size()) + " tokens: expected at least one window of " +
                      std::to_string(window) + "; use a longer text or a smaller window");
  }
  if (options.max_windows >= 0) windows = std::min(windows, options.max_windows);
  PerplexityResult result;
  for (int w = 0; w < windows; ++w) {
    const int* start = ids.data() + static_cast<std::size_t>(w) * window;
    const LogitsView view = logits(start, options.window);
    for (int t = 0; t + 1 < options.window; ++t) result.nll += negative_log_likelihood(view, t, vocab, start[t + 1]);
    result.tokens += window - 1;
    ++result.windows;
    if (options.progress) options.progress(w + 1, windows);
  }
  result.perplexity = result.tokens == 0 ? 0.0 : std::exp(result.nll / static_cast<double>(result.tokens));
  return result;
}

}  // namespace squat::evaluate
