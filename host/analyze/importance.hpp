// SPDX-License-Identifier: Apache-2.0
// Which tokens deserve 8 bits? Widths from other scores than the paper's attention to the first token.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "host/analyze/perplexities.hpp"

namespace squat::analyze {

enum class Importance {
  kFirst,        ///< attention to token 0, mean over heads: the paper's (eq. 14)
  kReceived,     ///< attention received, mean over heads and the queries that see the token
  kReceivedSum,  ///< attention received, summed over queries: earlier tokens have more of them
  kGradient,     ///< length of the loss's gradient at the layer's input: knows the text to come
  kRandom,       ///< seeded
};
const char* importance_name(Importance score);

/// 1 for token 0 and the tokens of the highest scores, ceil(rho * tokens) in all but at least token 0; of equal ones the
/// earlier.
std::vector<std::uint8_t> choose_highest(const std::vector<double>& scores, double rho);

/// Scores of a layer's tokens from its maps (heads, tokens, tokens): kFirst, kReceived, kReceivedSum.
std::vector<double> attention_scores(Importance score, const std::vector<float>& maps, int heads, int tokens);

/// Lengths of the loss's gradient at the input of every layer for a window: (layers) of (tokens).
using WindowGradients = std::function<std::vector<std::vector<double>>(const int* ids, int tokens)>;

struct ImportanceRow {
  std::string score;  ///< importance_name, or "all 4 bit", "all 8 bit"
  double rho = 0;
  std::uint32_t seed = 0;
  StudyResult result;
};

/// Perplexity of `fake` (mixed) when each score in turn chooses rho's share of the tokens, layer by layer; random with several
/// seeds. kGradient is left out without `gradients`. The ends, all tokens of 4 and of 8 bits, come first.
std::vector<ImportanceRow> study_importance(const model::FloatModel& model, const reference::FakeQuant& fake,
                                            const StudyText& text, const std::vector<double>& rhos, int seeds,
                                            const WindowGradients& gradients, int threads,
                                            const std::function<void(int done, int total)>& progress = {});

}  // namespace squat::analyze
