// SPDX-License-Identifier: Apache-2.0
#include "host/backends/ref/ref_device.hpp"

#include <utility>

#include "hls/token_control.hpp"
#include "host/backends/ref/ref_attention.hpp"
#include "host/engine/pass_rules.hpp"

namespace squat::backends {

using ref::Codes;
using ref::Wide;
using ref::Widths;

RefDevice::RefDevice(const model::IntegerModel& model) : model_(model), state_(model.layers.size()) {}

void RefDevice::reset() {
  state_.assign(model_.layers.size(), {});
  position_ = 0;
}

bool RefDevice::set_tap(engine::Tap tap) {
  tap_ = std::move(tap);
  return true;
}

engine::CachedLayer RefDevice::cached(int layer) {
  const LayerState& state = state_[static_cast<std::size_t>(layer)];
  return {state.keys, state.values};
}

engine::PassResult RefDevice::run(const std::vector<int>& ids, engine::RowRange rows) {
  engine::check_pass(model_, position_, ids);
  const std::size_t hidden = static_cast<std::size_t>(model_.config.hidden_size);

  Wide residual = embed(ids);

  engine::PassResult result;
  result.tokens = static_cast<int>(ids.size());
  Widths widths(ids.size(), engine::first_input_eight(model_) ? 1 : 0);
  for (int l = 0; l < model_.config.layers; ++l) {
    layer(l, residual, widths);
    std::uint32_t eight = 0;
    for (const std::uint8_t w : widths) eight += w;
    result.eight_tokens_per_layer.push_back(eight);
  }
  position_ += result.tokens;

  if (rows == engine::RowRange::kLast) residual.erase(residual.begin(), residual.end() - static_cast<std::ptrdiff_t>(hidden));
  result.rows = static_cast<int>(residual.size() / hidden);
  result.logits = logits(residual);
  return result;
}

Wide RefDevice::embed(const std::vector<int>& ids) const {
  const std::size_t hidden = static_cast<std::size_t>(model_.config.hidden_size);
  Wide residual;
  for (std::size_t t = 0; t < ids.size(); ++t) {
    const std::int8_t* row = model_.embedding.codes.data() + static_cast<std::size_t>(ids[t]) * hidden;
    for (std::size_t i = 0; i < hidden; ++i) residual.push_back(hls::add_residual(0, row[i], model_.embed_residual));
    if (!model_.config.gpt2()) continue;
    const std::int8_t* place = model_.positions.codes.data() + (static_cast<std::size_t>(position_) + t) * hidden;
    for (std::size_t i = 0; i < hidden; ++i) {
      std::int32_t& sum = residual[t * hidden + i];
      sum = hls::add_residual(sum, place[i], model_.position_residual);
    }
  }
  return residual;
}

void RefDevice::layer(int l, Wide& residual, Widths& widths) {
  const model::IntLayer& w = model_.layers[static_cast<std::size_t>(l)];
  LayerState& state = state_[static_cast<std::size_t>(l)];
  const model::ModelConfig& c = model_.config;
  const int tokens = static_cast<int>(widths.size());

  const Codes input = ref::norm(model_, w.input_norm, residual, widths);
  show(l, "input_code", input);
  const Codes q = ref::rope(model_, ref::linear(w.q, input, widths), c.heads, w.q_rope, position_, widths);
  show(l, "q", q);
  const Codes k = ref::rope(model_, ref::linear(w.k, input, widths), c.kv_heads, w.k_rope, position_, widths);
  show(l, "k", k);
  state.keys.insert(state.keys.end(), k.begin(), k.end());
  const ref::Attention attention = ref::attend(c, q, state.keys, w.score, position_);
  show(l, "scores", attention.scores);
  show(l, "prob", attention.prob);

  // The value projection reads codes of the input's widths; its result takes the layer's own.
  const Wide raw_values = ref::linear(w.v, input, widths);
  state.eight = hls::assign_widths(engine::width_params(model_, l), attention.token_score.data(), tokens,
                                   static_cast<std::uint32_t>(position_), state.eight, widths.data());
  show(l, "widths", widths);
  const Codes v = ref::values(raw_values, w.v_code, widths);
  show(l, "v", v);
  state.values.insert(state.values.end(), v.begin(), v.end());
  const Codes attended = ref::attention_codes(ref::weigh(c, attention, state.values), w.o_in, widths);
  show(l, "attn_code", attended);
  ref::add_to_residual(residual, ref::linear(w.o, attended, widths), w.o_residual);
  show(l, "residual_mid", residual);

  const Codes mlp = ref::norm(model_, w.mlp_norm, residual, widths);
  show(l, "mlp_code", mlp);
  const Codes gated = c.gpt2() ? ref::ungated(w, ref::linear(w.up, mlp, widths), widths)
                               : ref::gated(w, ref::linear(w.gate, mlp, widths), ref::linear(w.up, mlp, widths), widths);
  show(l, "gated", gated);
  ref::add_to_residual(residual, ref::linear(w.down, gated, widths), w.down_residual);
  show(l, "residual_out", residual);
}

Wide RefDevice::logits(const Wide& residual) {
  const std::size_t rows = residual.size() / static_cast<std::size_t>(model_.config.hidden_size);
  const Widths widths(rows, 1);  // the head's input is always 8 bit
  const Codes final = ref::norm(model_, model_.final_norm, residual, widths);
  show(model_.config.layers, "final_code", final);
  Wide out = ref::linear(model_.head(), final, widths);
  show(model_.config.layers, "logits", out);
  return out;
}

}  // namespace squat::backends
