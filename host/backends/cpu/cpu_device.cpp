// SPDX-License-Identifier: Apache-2.0
#include "host/backends/cpu/cpu_device.hpp"

#include <utility>

#include "hls/gated.hpp"
#include "hls/layer_norm.hpp"
#include "hls/requantize.hpp"
#include "hls/rms_norm.hpp"
#include "hls/rope.hpp"
#include "hls/token_control.hpp"
#include "host/engine/pass_rules.hpp"

namespace squat::backends {
namespace {

std::size_t to_size(int v) { return static_cast<std::size_t>(v); }

}  // namespace

CpuDevice::CpuDevice(const model::IntegerModel& model) : model_(model), cache_(model.layers.size()) {
  const std::size_t size = cpu::cache_offset(model.config, model.config.kv_heads, 0);
  for (cpu::LayerCache& layer : cache_) {
    layer.keys.resize(size);
    layer.values.resize(size);
  }
}

void CpuDevice::reset() {
  for (cpu::LayerCache& layer : cache_) layer.eight = 0;
  position_ = 0;
}

bool CpuDevice::set_tap(engine::Tap tap) {
  tap_ = std::move(tap);
  return true;
}

engine::PassResult CpuDevice::run(const std::vector<int>& ids, engine::RowRange rows) {
  engine::check_pass(model_, position_, ids);
  const int count = static_cast<int>(ids.size());
  widths_.assign(ids.size(), engine::first_input_eight(model_) ? 1 : 0);
  embed(ids);
  prepare_rope(count);

  engine::PassResult result;
  result.tokens = count;
  for (int l = 0; l < model_.config.layers; ++l) {
    const std::uint32_t before = cache_[to_size(l)].eight;
    layer(l);
    result.eight_tokens_per_layer.push_back(cache_[to_size(l)].eight - before);
  }
  position_ += count;

  result.rows = rows == engine::RowRange::kAll ? count : 1;
  norm(model_.final_norm, count - result.rows, result.rows, true);
  show(model_.config.layers, "final_code", codes_.data);
  project(model_.head());
  show(model_.config.layers, "logits", accumulators_);
  result.logits = accumulators_;
  return result;
}

void CpuDevice::embed(const std::vector<int>& ids) {
  const std::size_t hidden = to_size(model_.config.hidden_size);
  residual_.resize(ids.size() * hidden);
  for (std::size_t t = 0; t < ids.size(); ++t) {
    const std::int8_t* row = model_.embedding.codes.data() + to_size(ids[t]) * hidden;
    std::int32_t* sum = residual_.data() + t * hidden;
    for (std::size_t i = 0; i < hidden; ++i) sum[i] = hls::add_residual(0, row[i], model_.embed_residual);
    if (!model_.config.gpt2()) continue;
    const std::int8_t* place = model_.positions.codes.data() + (to_size(position_) + t) * hidden;
    for (std::size_t i = 0; i < hidden; ++i) sum[i] = hls::add_residual(sum[i], place[i], model_.position_residual);
  }
}

void CpuDevice::prepare_rope(int count) {
  const std::size_t half = to_size(model_.config.head_dim) / 2;
  angles_.resize(to_size(count) * half * 2);
  for (int t = 0; t < count; ++t) {
    for (std::size_t i = 0; i < half; ++i) {
      const hls::SinCos cs = hls::rope_sincos(static_cast<std::uint32_t>(position_ + t), model_.rope_step[i]);
      angles_[(to_size(t) * half + i) * 2] = cs.cos;
      angles_[(to_size(t) * half + i) * 2 + 1] = cs.sin;
    }
  }
}

void CpuDevice::layer(int l) {
  const model::IntLayer& w = model_.layers[to_size(l)];
  attention(l, w);
  show(l, "residual_mid", residual_);
  mlp(l, w);
  show(l, "residual_out", residual_);
}

void CpuDevice::attention(int l, const model::IntLayer& w) {
  const model::ModelConfig& c = model_.config;
  cpu::LayerCache& cache = cache_[to_size(l)];
  norm(w.input_norm, 0, tokens(), false);
  show(l, "input_code", codes_.data);
  project(w.q);
  rotate(c.heads, w.q_rope, nullptr);
  show(l, "q", q_.data);
  project(w.k);
  rotate(c.kv_heads, w.k_rope, &cache.keys);
  if (tap_) show(l, "k", rows_of(cache.keys, position_, position_ + tokens()));
  cpu::attend(c, q_, cache, w.score, position_, attention_);
  show(l, "scores", attention_.scores);
  show(l, "prob", attention_.prob);

  project(w.v);  // input codes in the widths of the layer before; from here on the layer's own
  cache.eight = hls::assign_widths(engine::width_params(model_, l), attention_.token_score.data(), tokens(),
                                   static_cast<std::uint32_t>(position_), cache.eight, widths_.data());
  show(l, "widths", widths_);
  store_values(accumulators_, w.v_code, cache.values);
  if (tap_) show(l, "v", rows_of(cache.values, position_, position_ + tokens()));
  cpu::weigh(c, cache, position_, tokens(), attention_);
  codes_.resize(tokens(), c.q_size());
  const std::size_t columns = to_size(c.q_size());
  for (std::size_t i = 0; i < codes_.data.size(); ++i) {
    codes_.data[i] = hls::requantize_code(attention_.sums[i], w.o_in, widths_[i / columns] != 0);
  }
  show(l, "attn_code", codes_.data);
  project(w.o);
  add_residual(w.o_residual);
}

void CpuDevice::mlp(int l, const model::IntLayer& w) {
  norm(w.mlp_norm, 0, tokens(), false);
  show(l, "mlp_code", codes_.data);
  if (model_.config.gpt2()) {
    project(w.up);
    ungated(w);
  } else {
    project(w.gate);
    std::swap(gate_, accumulators_);
    project(w.up);
    gated(w);
  }
  show(l, "gated", codes_.data);
  project(w.down);
  add_residual(w.down_residual);
}

void CpuDevice::gated(const model::IntLayer& w) {
  codes_.resize(tokens(), w.gate.rows);
  const std::size_t columns = to_size(w.gate.rows);
  for (std::size_t i = 0; i < codes_.data.size(); ++i) {
    const std::int32_t g = hls::requantize(gate_[i], w.gate_fixed, hls::kGateMin, hls::kGateMax);
    const std::int32_t u = hls::requantize(accumulators_[i], w.up_fixed, hls::kGateMin, hls::kGateMax);
    codes_.data[i] = hls::silu_mul(g, u, w.gate_up_frac, w.down_in, widths_[i / columns] != 0);
  }
}

void CpuDevice::ungated(const model::IntLayer& w) {
  codes_.resize(tokens(), w.up.rows);
  const std::size_t columns = to_size(w.up.rows);
  for (std::size_t i = 0; i < codes_.data.size(); ++i) {
    const std::int32_t u = hls::requantize(accumulators_[i], w.up_fixed, hls::kGateMin, hls::kGateMax);
    codes_.data[i] = hls::gelu_code(u, w.gate_up_frac, w.down_in, widths_[i / columns] != 0);
  }
}

void CpuDevice::norm(const model::IntNorm& n, int first, int rows, bool all_eight) {
  const int hidden = model_.config.hidden_size;
  codes_.resize(rows, hidden);
  for (int t = 0; t < rows; ++t) {
    const std::int32_t* x = residual_.data() + to_size(first + t) * to_size(hidden);
    const bool eight = all_eight || widths_[to_size(first + t)] != 0;
    std::int16_t* out = codes_.row(t);
    if (model_.config.gpt2()) {
      const std::int32_t mean = hls::layer_mean(x, hidden, model_.mean);
      const hls::NormScale scale = hls::layer_norm_scale(x, hidden, mean, model_.norm_eps);
      for (int i = 0; i < hidden; ++i) {
        out[i] = hls::layer_norm_code(static_cast<std::int64_t>(x[i]) - mean, scale, n.gain[to_size(i)], n.beta[to_size(i)],
                                      n.shift, eight);
      }
      continue;
    }
    const hls::NormScale scale = hls::norm_scale(x, hidden, model_.norm_eps);
    for (int i = 0; i < hidden; ++i) out[i] = hls::norm_code(x[i], scale, n.gain[to_size(i)], n.shift, eight);
  }
}

void CpuDevice::project(const model::IntMatrix& w) {
  accumulators_.resize(to_size(codes_.tokens) * to_size(w.rows));
  cpu::gemm(w, codes_, accumulators_.data());
}

void CpuDevice::rotate(int heads, hls::Requant r, std::vector<std::int8_t>* keys) {
  const int dim = model_.config.head_dim, half = dim / 2;
  if (keys == nullptr) q_.resize(tokens(), heads * dim);
  for (int t = 0; t < tokens(); ++t) {
    const bool eight = widths_[to_size(t)] != 0;
    for (int h = 0; h < heads; ++h) {
      const std::int32_t* acc = accumulators_.data() + to_size(t * heads + h) * to_size(dim);
      const std::int32_t* angle = angles_.data() + to_size(t * dim);
      for (int i = 0; i < half; ++i) {
        const hls::SinCos cs{static_cast<std::int16_t>(angle[2 * i]), static_cast<std::int16_t>(angle[2 * i + 1])};
        std::int8_t y1 = 0, y2 = 0;
        hls::rope_pair(hls::requantize(acc[i], r, -32768, 32767), hls::requantize(acc[i + half], r, -32768, 32767), cs, eight,
                       y1, y2);
        if (keys == nullptr) {
          q_.row(t)[h * dim + i] = y1;
          q_.row(t)[h * dim + i + half] = y2;
        } else {
          std::int8_t* key = keys->data() + cpu::cache_offset(model_.config, h, position_ + t);
          key[i] = y1;
          key[i + half] = y2;
        }
      }
    }
  }
}

void CpuDevice::store_values(const std::vector<std::int32_t>& raw, hls::Requant r, std::vector<std::int8_t>& values) {
  const model::ModelConfig& c = model_.config;
  std::size_t at = 0;
  for (int t = 0; t < tokens(); ++t) {
    for (int h = 0; h < c.kv_heads; ++h) {
      std::int8_t* out = values.data() + cpu::cache_offset(c, h, position_ + t);
      for (int i = 0; i < c.head_dim; ++i) out[i] = hls::requantize_attention_code(raw[at++], r, widths_[to_size(t)] != 0);
    }
  }
}

void CpuDevice::add_residual(hls::Requant r) {
  for (std::size_t i = 0; i < residual_.size(); ++i) residual_[i] = hls::add_residual(residual_[i], accumulators_[i], r);
}

engine::CachedLayer CpuDevice::cached(int layer) {
  const cpu::LayerCache& cache = cache_[to_size(layer)];
  return {rows_of(cache.keys, 0, position_), rows_of(cache.values, 0, position_)};
}

std::vector<std::int8_t> CpuDevice::rows_of(const std::vector<std::int8_t>& half, int first, int last) const {
  const model::ModelConfig& c = model_.config;
  std::vector<std::int8_t> out;
  for (int position = first; position < last; ++position) {
    for (int h = 0; h < c.kv_heads; ++h) {
      const auto from = half.begin() + static_cast<std::ptrdiff_t>(cpu::cache_offset(c, h, position));
      out.insert(out.end(), from, from + c.head_dim);
    }
  }
  return out;
}

}  // namespace squat::backends
