// SPDX-License-Identifier: Apache-2.0
#include "host/arm_model/pass_cost.hpp"

#include <algorithm>

namespace squat::arm_model {
namespace {

constexpr int kLanes = 16;      ///< rows of an 8-bit block; a 4-bit block has twice as many
constexpr int kColumnPad = 16;  ///< columns are padded to a multiple of this
constexpr int kTile = 8;        ///< tokens that share a load of weights

double round_up(int n, int step) { return static_cast<double>((n + step - 1) / step * step); }

double padded_rows(const model::IntMatrix& w) { return round_up(w.rows, w.bits == 4 ? 2 * kLanes : kLanes); }

class Pass {
 public:
  Pass(const CostTable& table, const model::IntegerModel& m, int first, int tokens)
      : table_(table), m_(m), first_(first), tokens_(tokens) {}

  Cost cost(const std::vector<std::uint32_t>& eight_tokens) {
    bool input_four = m_.widths.activations == model::Activations::k4;
    for (std::size_t l = 0; l < m_.layers.size(); ++l) {
      const model::IntLayer& w = m_.layers[l];
      const bool four = eight_tokens[l] == 0;
      norm(tokens_);
      for (const model::IntMatrix* matrix : {&w.q, &w.k, &w.v}) product(*matrix, tokens_, input_four);
      attention();
      product(w.o, tokens_, four);
      each(Operation::kResidual, tokens_, m_.config.hidden_size);
      norm(tokens_);
      if (!m_.config.gpt2()) product(w.gate, tokens_, four);
      product(w.up, tokens_, four);
      each(m_.config.gpt2() ? Operation::kGelu : Operation::kSilu, tokens_, w.up.rows);
      product(w.down, tokens_, four);
      each(Operation::kResidual, tokens_, m_.config.hidden_size);
      input_four = four;
    }
    norm(1);
    product(m_.head(), 1, false);
    return sum_;
  }

 private:
  void each(Operation operation, double items, double size) { sum_ += table_.of(operation, items, items * size); }

  void norm(int rows) { each(m_.config.gpt2() ? Operation::kLayerNorm : Operation::kNorm, rows, m_.config.hidden_size); }

  void product(const model::IntMatrix& w, int tokens, bool four_bit) {
    if (w.bits == 8) {
      tiles(Operation::kGemm8, Operation::kGemv8, padded_rows(w), tokens, round_up(w.cols, kColumnPad));
    } else {
      tiles(four_bit ? Operation::kGemm4FourBit : Operation::kGemm4, four_bit ? Operation::kGemv4FourBit : Operation::kGemv4,
            padded_rows(w), tokens, round_up(w.cols, kColumnPad));
    }
  }

  /// Whole tiles of tokens by the product of many, the others one by one.
  void tiles(Operation many, Operation one, double rows, int tokens, double size) {
    each(many, rows * (tokens - tokens % kTile), size);
    each(one, rows * (tokens % kTile), size);
  }

  void attention() {
    const model::ModelConfig& c = m_.config;
    const double positions = round_up(first_ + tokens_, kColumnPad);
    each(Operation::kRope, static_cast<double>(tokens_) * (c.heads + c.kv_heads), c.head_dim / 2.0);
    each(Operation::kCache, static_cast<double>(tokens_) * c.kv_heads, c.head_dim);
    each(Operation::kRequantize, static_cast<double>(tokens_) * (c.heads + c.kv_heads), c.head_dim);
    tiles(Operation::kGemm8, Operation::kGemv8, positions * c.heads, tokens_, round_up(c.head_dim, kColumnPad));
    const double visible = static_cast<double>(tokens_) * first_ + tokens_ * (tokens_ + 1.0) / 2.0;
    sum_ += table_.of(Operation::kSoftmax, static_cast<double>(tokens_) * c.heads, visible * c.heads);
    tiles(Operation::kValuesMany, Operation::kValues, round_up(c.head_dim, kLanes) * c.heads, tokens_, positions);
  }

  const CostTable& table_;
  const model::IntegerModel& m_;
  int first_, tokens_;
  Cost sum_;
};

}  // namespace

Cost pass_cost(const CostTable& table, const model::IntegerModel& m, int first, int tokens,
               const std::vector<std::uint32_t>& eight_tokens) {
  return Pass(table, m, first, tokens).cost(eight_tokens);
}

double pass_bytes(const model::IntegerModel& m, int first, int tokens) {
  const auto packed = [](const model::IntMatrix& w) { return padded_rows(w) * round_up(w.cols, kColumnPad) * w.bits / 8.0; };
  double bytes = packed(m.head());
  for (const model::IntLayer& l : m.layers) {
    for (const model::IntMatrix* w : {&l.q, &l.k, &l.v, &l.o, &l.gate, &l.up, &l.down}) bytes += packed(*w);
    bytes += 2.0 * m.config.kv_size() * (first + tokens);
  }
  return bytes;
}

Milliseconds time_range(const Core& core, const Cost& cost, double bytes, int threads) {
  const double per_ms = core.clock_mhz * 1e3 * std::min(threads, core.count);
  return {std::max(cost.least_cycles / per_ms, bytes / (core.peak_gb_s * 1e6)),
          kSlowestOverModel * cost.most_cycles / per_ms + bytes / (core.sustained_gb_s * 1e6)};
}

}  // namespace squat::arm_model
