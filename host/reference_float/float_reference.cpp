// SPDX-License-Identifier: Apache-2.0
#include "host/reference_float/float_reference.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <string>

#include "hls/requantize.hpp"
#include "host/model/error.hpp"

namespace squat::reference {
namespace {

using model::LayerScales;

/// x (rows of gain.size()) / sqrt(mean square + eps) * gain -> out.
void rms_norm(const std::vector<float>& x, const std::vector<float>& gain, double eps, std::vector<float>& out) {
  const std::size_t width = gain.size();
  out.resize(x.size());
  for (std::size_t at = 0; at < x.size(); at += width) {
    double sum = 0;
    for (std::size_t i = 0; i < width; ++i) sum += static_cast<double>(x[at + i]) * static_cast<double>(x[at + i]);
    const auto inverse = static_cast<float>(1.0 / std::sqrt(sum / static_cast<double>(width) + eps));
    for (std::size_t i = 0; i < width; ++i) out[at + i] = x[at + i] * inverse * gain[i];
  }
}

/// (x - mean) / sqrt(variance + eps) * gain + beta -> out.
void layer_norm(const std::vector<float>& x, const std::vector<float>& gain, const std::vector<float>& beta, double eps,
                std::vector<float>& out) {
  const std::size_t width = gain.size();
  const auto count = static_cast<double>(width);
  out.resize(x.size());
  for (std::size_t at = 0; at < x.size(); at += width) {
    double sum = 0, squares = 0;
    for (std::size_t i = 0; i < width; ++i) sum += static_cast<double>(x[at + i]);
    const double mean = sum / count;
    for (std::size_t i = 0; i < width; ++i) squares += std::pow(static_cast<double>(x[at + i]) - mean, 2);
    const double inverse = 1.0 / std::sqrt(squares / count + eps);
    for (std::size_t i = 0; i < width; ++i)
      out[at + i] = static_cast<float>((static_cast<double>(x[at + i]) - mean) * inverse) * gain[i] + beta[i];
  }
}

float silu(float g) { return g / (1.0f + std::exp(-g)); }

/// GPT-2's tanh form.
float gelu(float g) { return 0.5f * g * (1.0f + std::tanh(0.797884561f * (g + 0.044715f * g * g * g))); }

}  // namespace

const char* site_name(Site site) {
  constexpr std::array<const char*, 12> kNames = {"in", "q", "k", "v", "p", "o", "gu", "d", "hin", "gate", "up", "residual"};
  return kNames[static_cast<std::size_t>(site)];
}

FloatReference::FloatReference(const model::FloatModel& model)
    : config_(model.config),
      embedding_(model.embedding.w),
      positions_(model.positions.w),
      final_norm_{model.final_norm, model.final_beta},
      head_(model.head()) {
  for (const model::FloatLayer& l : model.layers) {
    layers_.push_back({{l.input_norm, l.input_beta},
                       {l.mlp_norm, l.mlp_beta},
                       PackedMatrix(l.q),
                       PackedMatrix(l.k),
                       PackedMatrix(l.v),
                       PackedMatrix(l.o),
                       PackedMatrix(l.gate),
                       PackedMatrix(l.up),
                       PackedMatrix(l.down)});
  }
  scores_.resize(layers_.size());
  widths_.resize(layers_.size());
}

FloatReference::FloatReference(const model::FloatModel& model, const FakeQuant& fq)
    : config_(model.config),
      fake_quant_(fq),
      embedding_(model.embedding.w),
      positions_(model.positions.w),
      final_norm_{model.final_norm, model.final_beta} {
  const auto& scales = fq.scales;
  const bool tables = fq.parts.has(Matrices::kTables);
  if (tables) round_to_grid(embedding_.data(), embedding_.size(), scales.embedding, -127, 127);
  if (tables && !positions_.empty()) round_to_grid(positions_.data(), positions_.size(), scales.positions, -127, 127);
  const double head_scale = config_.tied ? scales.embedding : scales.lm_head;
  head_ = tables ? PackedMatrix(model.head(), head_scale, 8) : PackedMatrix(model.head());
  for (std::size_t i = 0; i < model.layers.size(); ++i) {
    const model::FloatLayer& l = model.layers[i];
    const LayerScales& s = scales.layers[i];
    const auto pack = [&](Matrices which, const model::FloatMatrix& w, double scale) {
      return fq.parts.has(which) ? PackedMatrix(w, scale, fq.weight_bits) : PackedMatrix(w);
    };
    layers_.push_back({{l.input_norm, l.input_beta},
                       {l.mlp_norm, l.mlp_beta},
                       pack(Matrices::kQ, l.q, s.wq),
                       pack(Matrices::kK, l.k, s.wk),
                       pack(Matrices::kV, l.v, s.wv),
                       pack(Matrices::kO, l.o, s.wo),
                       config_.gpt2() ? PackedMatrix() : pack(Matrices::kGate, l.gate, s.wgate),
                       pack(Matrices::kUp, l.up, s.wup),
                       pack(Matrices::kDown, l.down, s.wdown)});
  }
  scores_.resize(layers_.size());
  widths_.resize(layers_.size());
}

void FloatReference::observe(Site site, int layer, const std::vector<float>& values, int cols) const {
  if (hook_) hook_(site, layer, values.data(), tokens_, cols);
}

void FloatReference::quantize(Site site, std::vector<float>& values, int cols, double LayerScales::*scale, int layer,
                              const std::vector<std::uint8_t>& eight) const {
  if (!fake_quant_ || !fake_quant_->parts.has(site)) return;
  const double scale8 = fake_quant_->scales.layers[static_cast<std::size_t>(layer)].*scale;
  const int bits = fake_quant_->activation_bits;
  if (bits != 8 && fake_quant_->widths.activations == model::Activations::k8) {
    round_to_grid(values.data(), values.size(), scale8 * (1 << (8 - bits)), -(1 << (bits - 1)), (1 << (bits - 1)) - 1);
    return;
  }
  const bool narrow = site == Site::kQ || site == Site::kK || site == Site::kV;
  round_rows(values.data(), tokens_, cols, scale8, narrow ? hls::kAttentionMin : -128, eight);
}

const std::vector<float>& FloatReference::forward(const int* ids, int tokens) {
  if (tokens < 1 || tokens > config_.max_positions) {
    throw usage_error("window of " + std::to_string(tokens) + " tokens: expected 1 to " +
                      std::to_string(config_.max_positions) + " (max_position_embeddings)");
  }
  tokens_ = tokens;
  rotary_.extend(config_, tokens);
  embed(ids);
  // The first layer has no earlier scores to go by: 8 bit unless everything is 4 bit.
  const bool all4 = fake_quant_ && fake_quant_->widths.activations == model::Activations::k4;
  const std::vector<std::uint8_t> first(static_cast<std::size_t>(tokens), all4 ? 0 : 1);
  for (int l = 0; l < config_.layers; ++l) {
    attention_block(l, l == 0 ? first : widths_[static_cast<std::size_t>(l - 1)]);
    mlp_block(l);
    observe(Site::kResidual, l, residual_, config_.hidden_size);
  }
  normalize(final_norm_);
  observe(Site::kHeadInput, config_.layers, normed_, config_.hidden_size);
  if (rounds(Site::kHeadInput)) round_to_grid(normed_.data(), normed_.size(), fake_quant_->scales.head_input, -128, 127);
  logits_.resize(static_cast<std::size_t>(tokens) * static_cast<std::size_t>(config_.vocab_size));
  head_.multiply(normed_.data(), tokens, logits_.data(), false);
  return logits_;
}

void FloatReference::embed(const int* ids) {
  const auto hidden = static_cast<std::size_t>(config_.hidden_size);
  residual_.resize(static_cast<std::size_t>(tokens_) * hidden);
  for (std::size_t t = 0; t < static_cast<std::size_t>(tokens_); ++t) {
    if (ids[t] < 0 || ids[t] >= config_.vocab_size) {
      throw usage_error("token id " + std::to_string(ids[t]) + " at position " + std::to_string(t) + ": expected 0 to " +
                        std::to_string(config_.vocab_size - 1));
    }
    std::copy_n(embedding_.data() + static_cast<std::size_t>(ids[t]) * hidden, hidden, residual_.data() + t * hidden);
  }
  if (positions_.empty()) return;
  for (std::size_t i = 0; i < residual_.size(); ++i) residual_[i] += positions_[i];
}

void FloatReference::normalize(const Norm& norm) {
  if (config_.gpt2()) {
    layer_norm(residual_, norm.gain, norm.beta, config_.rms_norm_eps, normed_);
  } else {
    rms_norm(residual_, norm.gain, config_.rms_norm_eps, normed_);
  }
}

void FloatReference::attention_block(int index, const std::vector<std::uint8_t>& input_widths) {
  const Layer& layer = layers_[static_cast<std::size_t>(index)];
  const int q_size = config_.q_size(), kv_size = config_.kv_size();
  const auto n = static_cast<std::size_t>(tokens_);
  normalize(layer.input_norm);
  observe(Site::kIn, index, normed_, config_.hidden_size);
  quantize(Site::kIn, normed_, config_.hidden_size, &LayerScales::in, index, input_widths);

  q_.resize(n * static_cast<std::size_t>(q_size));
  k_.resize(n * static_cast<std::size_t>(kv_size));
  v_.resize(n * static_cast<std::size_t>(kv_size));
  layer.q.multiply(normed_.data(), tokens_, q_.data(), false);
  layer.k.multiply(normed_.data(), tokens_, k_.data(), false);
  layer.v.multiply(normed_.data(), tokens_, v_.data(), false);
  if (!config_.gpt2()) {
    rotate(q_.data(), tokens_, config_.heads, config_.head_dim, rotary_);
    rotate(k_.data(), tokens_, config_.kv_heads, config_.head_dim, rotary_);
  }
  observe(Site::kQ, index, q_, q_size);
  observe(Site::kK, index, k_, kv_size);
  quantize(Site::kQ, q_, q_size, &LayerScales::q, index, input_widths);
  quantize(Site::kK, k_, kv_size, &LayerScales::k, index, input_widths);

  auto& scores = scores_[static_cast<std::size_t>(index)];
  auto& own = widths_[static_cast<std::size_t>(index)];
  attention_probabilities(config_, q_.data(), k_.data(), tokens_, probabilities_, scores);
  own = own_widths(index, scores);
  eight_ += static_cast<std::uint64_t>(std::count(own.begin(), own.end(), 1));
  decided_ += n;
  observe(Site::kV, index, v_, kv_size);
  quantize(Site::kV, v_, kv_size, &LayerScales::v, index, own);
  if (hook_) {
    for (std::size_t row = 0; row < static_cast<std::size_t>(config_.heads) * n; ++row) {
      hook_(Site::kP, index, probabilities_.data() + row * n, 1, static_cast<int>(row % n) + 1);
    }
  }
  if (rounds(Site::kP)) round_to_grid(probabilities_.data(), probabilities_.size(), 0x1p-8, 0, 255);

  mixed_.resize(n * static_cast<std::size_t>(q_size));
  attention_values(config_, probabilities_, v_.data(), tokens_, mixed_.data());
  observe(Site::kO, index, mixed_, q_size);
  quantize(Site::kO, mixed_, q_size, &LayerScales::o, index, own);
  layer.o.multiply(mixed_.data(), tokens_, residual_.data(), true);
}

void FloatReference::mlp_block(int index) {
  const Layer& layer = layers_[static_cast<std::size_t>(index)];
  const auto& own = widths_[static_cast<std::size_t>(index)];
  const int width = config_.intermediate_size;
  normalize(layer.mlp_norm);
  observe(Site::kGu, index, normed_, config_.hidden_size);
  quantize(Site::kGu, normed_, config_.hidden_size, &LayerScales::gu, index, own);
  up_.resize(static_cast<std::size_t>(tokens_) * static_cast<std::size_t>(width));
  gate_.resize(up_.size());
  layer.up.multiply(normed_.data(), tokens_, up_.data(), false);
  if (config_.gpt2()) {
    observe(Site::kUp, index, up_, width);
    std::transform(up_.begin(), up_.end(), gate_.begin(), gelu);
  } else {
    layer.gate.multiply(normed_.data(), tokens_, gate_.data(), false);
    observe(Site::kGate, index, gate_, width);
    observe(Site::kUp, index, up_, width);
    for (std::size_t i = 0; i < gate_.size(); ++i) gate_[i] = silu(gate_[i]) * up_[i];
  }
  observe(Site::kD, index, gate_, width);
  quantize(Site::kD, gate_, width, &LayerScales::d, index, own);
  layer.down.multiply(gate_.data(), tokens_, residual_.data(), true);
}

std::vector<std::uint8_t> FloatReference::own_widths(int layer, const std::vector<std::uint32_t>& scores) const {
  if (!fake_quant_) return std::vector<std::uint8_t>(scores.size(), 1);
  if (fake_quant_->chooser && fake_quant_->widths.activations == model::Activations::kMixed) {
    return fake_quant_->chooser(layer, probabilities_, tokens_);
  }
  return token_widths(fake_quant_->widths, layer, scores);
}

double FloatReference::eight_bit_share() const {
  return decided_ == 0 ? 0.0 : static_cast<double>(eight_) / static_cast<double>(decided_);
}

}  // namespace squat::reference
