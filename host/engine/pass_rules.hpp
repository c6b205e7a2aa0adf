// SPDX-License-Identifier: Apache-2.0
// Rules of a forward pass that every device shares: what it accepts, and the parameters of a layer's token control.
// docs/reference/numbers.md, "Widths".
#pragma once

#include <algorithm>
#include <cstddef>
#include <string>
#include <vector>

#include "hls/softmax.hpp"
#include "hls/token_control.hpp"
#include "host/model/error.hpp"
#include "host/model/integer_model.hpp"

namespace squat::engine {

/// Rules that rank the tokens of one pass and so need the whole prompt in it.
inline bool ranks_whole_pass(hls::WidthRule rule) {
  return rule == hls::WidthRule::kSequence || rule == hls::WidthRule::kPrefix || rule == hls::WidthRule::kRandom ||
         rule == hls::WidthRule::kReversed;
}

/// The rule a layer runs: none in uniform models.
inline hls::WidthParams width_params(const model::IntegerModel& m, int layer) {
  hls::WidthParams p;
  p.layer = static_cast<std::uint32_t>(layer);
  p.rho_num = m.widths.rho_num;
  p.seed = m.widths.seed;
  p.rule = m.widths.rule;
  if (m.widths.activations == model::Activations::k8) p.rule = hls::WidthRule::kAll8;
  if (m.widths.activations == model::Activations::k4) p.rule = hls::WidthRule::kAll4;
  const auto index = static_cast<std::size_t>(layer);
  if (index < m.widths.thresholds.size()) p.threshold = m.widths.thresholds[index];
  return p;
}

/// Width of the input, queries and keys of layer 0: 8 bit in mixed models, else that of the uniform model.
inline bool first_input_eight(const model::IntegerModel& m) { return m.widths.activations != model::Activations::k4; }

/// Refuses a pass that no device runs; `position` is that of its first token.
inline void check_pass(const model::IntegerModel& m, int position, const std::vector<int>& ids) {
  const int tokens = static_cast<int>(ids.size());
  if (tokens < 1 || tokens > hls::kMaxChunk) {
    throw usage_error("a pass of " + std::to_string(ids.size()) + " tokens: expected 1 to " + std::to_string(hls::kMaxChunk) +
                      "; cut the prompt into chunks");
  }
  const int limit = std::min(m.config.max_positions, hls::kMaxKeys);
  if (position + tokens > limit) {
    throw usage_error("a pass up to position " + std::to_string(position + tokens) + ": this model has " +
                      std::to_string(limit) + " positions; use a shorter prompt or fewer tokens");
  }
  for (std::size_t i = 0; i < ids.size(); ++i) {
    if (ids[i] < 0 || ids[i] >= m.config.vocab_size) {
      throw usage_error("token " + std::to_string(i) + " of the pass is " + std::to_string(ids[i]) + ": expected 0 to " +
                        std::to_string(m.config.vocab_size - 1) + "; was it encoded with this model's tokenizer?");
    }
  }
  // One token after the first pass is decoding, which follows the budget controller.
  if (m.widths.activations == model::Activations::kMixed && ranks_whole_pass(m.widths.rule) && position > 0 && tokens > 1) {
    throw usage_error("the model's width rule ranks a whole prompt, which must fit one pass of at most " +
                      std::to_string(hls::kMaxChunk) + " tokens; use the budget rule for longer prompts");
  }
}

}  // namespace squat::engine
