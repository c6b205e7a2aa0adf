// SPDX-License-Identifier: Apache-2.0
#include "host/engine/buffer_plan.hpp"

#include <algorithm>

#include "host/engine/bands.hpp"

namespace squat::engine {
namespace {

constexpr int kGroup = 16;
constexpr int kBandedTokens = 4;  ///< rows of a band

/// Bump allocator over one on-chip memory.
class Arena {
 public:
  explicit Arena(int depth) : depth_(depth) {}
  Region take(int size, int stride) {
    const Region region{static_cast<std::uint32_t>(next_), static_cast<std::uint32_t>(stride)};
    next_ += size;
    return region;
  }
  int mark() const { return next_; }
  void rewind(int mark) { next_ = mark; }
  bool fits() {
    high_ = std::max(high_, next_);
    return high_ <= depth_;
  }

 private:
  int depth_, next_ = 0, high_ = 0;
};

/// Addresses per bank of an activation region of `slots` slots and `columns` columns.
int activation_size(int slots, int columns) { return (round_up(slots, kGroup) / kGroup + 1) / 2 * columns; }

}  // namespace

std::optional<BufferPlan> plan_buffers(const model::ModelConfig& c, const AcceleratorLimits& limits, PassShape shape) {
  if (shape.tokens < 1 || shape.tokens > limits.max_tokens || shape.keys() > limits.max_context) return std::nullopt;
  const int t = shape.tokens;
  BufferPlan plan;
  plan.banded = t <= kBandedTokens;
  plan.scores_banded = plan.banded && c.head_dim % (16 * kBands) == 0;
  plan.key_tiles = static_cast<std::uint32_t>(round_up(shape.keys(), 32) / 32);
  const int value_keys = round_up(shape.keys(), plan.banded ? 16 * kBands : 16);
  plan.values_ks = static_cast<std::uint32_t>(value_keys / kBands);

  Arena vector(limits.vsram_depth);
  const int hidden_words = round_up(c.hidden_size, 32) / 16;
  const int score_words = static_cast<int>(plan.key_tiles) * 2;
  const int value_words = c.kv_size() / 16;
  plan.residual = vector.take(t * hidden_words, hidden_words);
  for (Region& score : plan.score) score = vector.take(t * score_words, score_words);
  plan.value = vector.take(t * value_words, value_words);
  if (!vector.fits()) return std::nullopt;

  // Mixed widths leave a gap of up to one group between the 8- and the 4-bit slots; banded regions use one group.
  const int grouped = plan.banded ? kGroup : t + kGroup;
  const int ordered = plan.banded ? kGroup : t;
  const auto columns = [&](int k) { return round_up(k, 16 * kBands) / (plan.banded ? kBands : 1); };
  Arena activation(limits.asram_depth);
  plan.normed = activation.take(activation_size(grouped, columns(c.hidden_size)), columns(c.hidden_size));
  const int shared = activation.mark();
  const int query_columns = plan.scores_banded ? c.q_size() / kBands : c.q_size();
  plan.query = activation.take(activation_size(ordered, query_columns), query_columns);
  plan.key = activation.take(activation_size(t + kGroup - 1, c.kv_size()), c.kv_size());
  const int probability_columns = plan.banded ? value_keys / kBands : value_keys;
  plan.probability_step = static_cast<std::uint32_t>(activation_size(ordered, probability_columns));
  plan.probability = activation.take(c.heads * static_cast<int>(plan.probability_step), probability_columns);
  plan.attention = activation.take(activation_size(grouped, columns(c.q_size())), columns(c.q_size()));
  if (!activation.fits()) return std::nullopt;
  // The MLP's products replace the attention's, which are dead by then.
  activation.rewind(shared);
  plan.gated = activation.take(activation_size(grouped, columns(c.intermediate_size)), columns(c.intermediate_size));
  if (!activation.fits()) return std::nullopt;
  return plan;
}

int longest_pass(const model::ModelConfig& config, const AcceleratorLimits& limits, PassShape shape) {
  for (int tokens = std::min(shape.tokens, limits.max_tokens); tokens > 0; --tokens) {
    if (plan_buffers(config, limits, PassShape{tokens, shape.first_position})) return tokens;
  }
  return 0;
}

KvPlan plan_kv(const model::ModelConfig& c, int context) {
  const auto positions = static_cast<std::uint32_t>(round_up(context, 16 * kBands));
  const auto head_dim = static_cast<std::uint32_t>(c.head_dim);
  const auto kv_heads = static_cast<std::uint32_t>(c.kv_heads);
  KvPlan plan;
  plan.k_head_stride = positions / 32 * 2 * head_dim;
  plan.v_tile_stride = positions * 2;
  plan.v_head_stride = head_dim / 32 * plan.v_tile_stride;
  plan.v_offset = kv_heads * plan.k_head_stride;
  plan.layer_stride = plan.v_offset + kv_heads * plan.v_head_stride;
  plan.units = static_cast<std::uint32_t>(c.layers) * plan.layer_stride;
  return plan;
}

}  // namespace squat::engine
