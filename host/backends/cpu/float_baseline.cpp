// SPDX-License-Identifier: Apache-2.0
#include "host/backends/cpu/float_baseline.hpp"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <string>

#include "host/model/error.hpp"
#include "host/model/float_bytes.hpp"

namespace squat::backends::cpu {
namespace {

float dot(const float* a, const float* b, int n) {
  constexpr int kSums = 8;  // as many chains as vectors need
  float sum[kSums] = {};
  int i = 0;
  for (; i + kSums <= n; i += kSums) {
    for (int j = 0; j < kSums; ++j) sum[j] += a[i + j] * b[i + j];
  }
  for (; i < n; ++i) sum[0] += a[i] * b[i];
  return ((sum[0] + sum[1]) + (sum[2] + sum[3])) + ((sum[4] + sum[5]) + (sum[6] + sum[7]));
}

float silu(float g) { return g / (1.0F + std::exp(-g)); }

/// GPT-2's tanh form.
float gelu(float g) { return 0.5F * g * (1.0F + std::tanh(0.797884561F * (g + 0.044715F * g * g * g))); }

}  // namespace

void FloatBaseline::Rows::resize(int tokens, int columns) {
  stride = to_size(round_up(columns, kFloatPad));
  data.assign(to_size(tokens) * stride, 0.0F);
}

FloatBaseline::FloatBaseline(const model::FloatModel& m, FloatWidth width, int threads)
    : config_(m.config),
      width_(width),
      kernels_(float_kernels()),
      pool_(threads),
      embedding_(m.embedding.w),
      positions_(m.positions.w),
      head_(pack(m.head())),
      final_norm_{m.final_norm, m.final_beta} {
  const std::size_t cache = to_size(config_.max_positions) * to_size(config_.kv_size());
  for (const model::FloatLayer& l : m.layers) {
    layers_.push_back({{l.input_norm, l.input_beta},
                       {l.mlp_norm, l.mlp_beta},
                       pack(l.q),
                       pack(l.k),
                       pack(l.v),
                       pack(l.o),
                       pack(l.gate),
                       pack(l.up),
                       pack(l.down),
                       std::vector<float>(cache),
                       std::vector<float>(cache)});
  }
  const int half = config_.head_dim / 2;
  for (int p = 0; p < config_.max_positions && !config_.gpt2(); ++p) {
    for (int i = 0; i < half; ++i) {
      const double angle = p * std::pow(config_.rope_theta, -2.0 * i / config_.head_dim);
      cos_.push_back(static_cast<float>(std::cos(angle)));
      sin_.push_back(static_cast<float>(std::sin(angle)));
    }
  }
}

FloatBaseline::Matrix FloatBaseline::pack(const model::FloatMatrix& w) const {
  Matrix packed;
  packed.rows = w.rows;
  packed.columns = w.cols;
  packed.padded = round_up(w.cols, kFloatPad);
  packed.bias = w.bias;
  packed.panels = round_up(w.rows, kFloatRows) / kFloatRows;
  const std::size_t element = width_ == FloatWidth::kHalf ? sizeof(std::uint16_t) : sizeof(float);
  packed.panel_bytes = to_size(kFloatRows) * to_size(packed.padded) * element;
  packed.data = aligned_bytes(to_size(packed.panels) * packed.panel_bytes);
  for (int r = 0; r < w.rows; ++r) {
    const float* from = w.w.data() + to_size(r) * to_size(w.cols);
    for (int c = 0; c < w.cols; ++c) {
      std::uint8_t* to = packed.data.get() + float_offset(packed.padded, r, c) * element;
      const std::uint16_t half = model::float_to_half(from[c]);
      if (width_ == FloatWidth::kHalf) {
        std::memcpy(to, &half, sizeof half);
      } else {
        std::memcpy(to, from + c, sizeof(float));
      }
    }
  }
  return packed;
}

std::size_t FloatBaseline::weight_bytes() const {
  std::size_t bytes = to_size(head_.panels) * head_.panel_bytes;
  for (const Layer& l : layers_) {
    for (const Matrix* w : {&l.q, &l.k, &l.v, &l.o, &l.gate, &l.up, &l.down}) bytes += to_size(w->panels) * w->panel_bytes;
  }
  return bytes;
}

const std::vector<float>& FloatBaseline::run(const std::vector<int>& ids) {
  const int tokens = static_cast<int>(ids.size());
  if (tokens < 1 || position_ + tokens > config_.max_positions) {
    throw usage_error(std::to_string(tokens) + " tokens after " + std::to_string(position_) + ": expected 1 to " +
                      std::to_string(config_.max_positions) + " in all (max_position_embeddings)");
  }
  embed(ids);
  q_.resize(to_size(tokens) * to_size(config_.q_size()));
  k_.resize(to_size(tokens) * to_size(config_.kv_size()));
  v_.resize(k_.size());
  for (Layer& layer : layers_) {
    normalize(layer.input_norm, 0, tokens);
    project(layer.q, normed_, tokens, q_.data(), false);
    project(layer.k, normed_, tokens, k_.data(), false);
    project(layer.v, normed_, tokens, v_.data(), false);
    mixed_.resize(tokens, config_.q_size());
    pool_.run([&](int thread, int threads) {
      const Share heads(config_.kv_heads, thread, threads);
      for (int h = heads.first; h < heads.last; ++h) attend(layer, tokens, h);
    });
    project(layer.o, mixed_, tokens, residual_.data(), true);
    normalize(layer.mlp_norm, 0, tokens);
    up_.resize(to_size(tokens) * to_size(config_.intermediate_size));
    gate_.resize(up_.size());
    if (!config_.gpt2()) project(layer.gate, normed_, tokens, gate_.data(), false);
    project(layer.up, normed_, tokens, up_.data(), false);
    activate(tokens);
    project(layer.down, inner_, tokens, residual_.data(), true);
  }
  position_ += tokens;
  normalize(final_norm_, tokens - 1, 1);
  logits_.resize(to_size(config_.vocab_size));
  project(head_, normed_, 1, logits_.data(), false);
  return logits_;
}

void FloatBaseline::embed(const std::vector<int>& ids) {
  const std::size_t hidden = to_size(config_.hidden_size);
  residual_.resize(ids.size() * hidden);
  for (std::size_t t = 0; t < ids.size(); ++t) {
    if (ids[t] < 0 || ids[t] >= config_.vocab_size) {
      throw usage_error("token id " + std::to_string(ids[t]) + ": expected 0 to " + std::to_string(config_.vocab_size - 1));
    }
    const float* row = embedding_.data() + to_size(ids[t]) * hidden;
    float* sum = residual_.data() + t * hidden;
    std::copy_n(row, hidden, sum);
    if (positions_.empty()) continue;
    const float* place = positions_.data() + (to_size(position_) + t) * hidden;
    for (std::size_t i = 0; i < hidden; ++i) sum[i] += place[i];
  }
}

void FloatBaseline::normalize(const Norm& norm, int first, int rows) {
  const int hidden = config_.hidden_size;
  normed_.resize(rows, hidden);
  for (int t = 0; t < rows; ++t) {
    const float* x = residual_.data() + to_size(first + t) * to_size(hidden);
    float* out = normed_.row(t);
    float mean = 0.0F;
    if (!norm.beta.empty()) {
      for (int i = 0; i < hidden; ++i) mean += x[i];
      mean /= static_cast<float>(hidden);
    }
    for (int i = 0; i < hidden; ++i) out[i] = x[i] - mean;
    const float square = dot(out, out, hidden) / static_cast<float>(hidden) + static_cast<float>(config_.rms_norm_eps);
    const float inverse = 1.0F / std::sqrt(square);
    for (int i = 0; i < hidden; ++i) out[i] *= inverse * norm.gain[to_size(i)];
    for (std::size_t i = 0; i < norm.beta.size(); ++i) out[i] += norm.beta[i];
  }
}

void FloatBaseline::project(const Matrix& w, Rows& in, int tokens, float* out, bool accumulate) {
  float* to = out;
  if (accumulate) {
    product_.resize(to_size(tokens) * to_size(w.rows));
    to = product_.data();
  }
  pool_.run([&](int thread, int threads) {
    Share rows(w.panels, thread, threads);
    FloatProduct p;
    p.weights = w.data.get() + to_size(rows.first) * w.panel_bytes;
    rows.first *= kFloatRows;
    rows.last = std::min(rows.last * kFloatRows, w.rows);
    p.rows = rows.last - rows.first;
    p.columns = w.padded;
    p.x = in.data.data();
    p.stride = in.stride;
    p.tokens = tokens;
    p.out = to + rows.first;
    p.out_stride = to_size(w.rows);
    (width_ == FloatWidth::kHalf ? kernels_.half : kernels_.single)(p);
    for (int t = 0; t < tokens; ++t) {
      const std::size_t at = to_size(t) * to_size(w.rows);
      for (int r = rows.first; r < rows.last && !w.bias.empty(); ++r) to[at + to_size(r)] += w.bias[to_size(r)];
      for (int r = rows.first; r < rows.last && accumulate; ++r) out[at + to_size(r)] += to[at + to_size(r)];
    }
  });
}

void FloatBaseline::rotate(float* x, int heads, int position) const {
  if (config_.gpt2()) return;
  const int half = config_.head_dim / 2;
  const float* cosine = cos_.data() + to_size(position) * to_size(half);
  const float* sine = sin_.data() + to_size(position) * to_size(half);
  for (int h = 0; h < heads; ++h, x += config_.head_dim) {
    for (int i = 0; i < half; ++i) {
      const float a = x[i], b = x[i + half];
      x[i] = a * cosine[i] - b * sine[i];
      x[i + half] = b * cosine[i] + a * sine[i];
    }
  }
}

void FloatBaseline::attend(Layer& layer, int tokens, int kv_head) {
  const int dim = config_.head_dim, group = config_.heads / config_.kv_heads;
  const std::size_t kv_size = to_size(config_.kv_size()), offset = to_size(kv_head) * to_size(dim);
  for (int t = 0; t < tokens; ++t) {
    const std::size_t from = to_size(t) * kv_size + offset, to = to_size(position_ + t) * kv_size + offset;
    rotate(k_.data() + from, 1, position_ + t);
    std::copy_n(k_.data() + from, dim, layer.keys.data() + to);
    std::copy_n(v_.data() + from, dim, layer.values.data() + to);
  }
  const float scale = 1.0F / std::sqrt(static_cast<float>(dim));
  std::vector<float> score(to_size(position_ + tokens));
  for (int h = kv_head * group; h < (kv_head + 1) * group; ++h) {
    for (int t = 0; t < tokens; ++t) {
      float* query = q_.data() + to_size(t) * to_size(config_.q_size()) + to_size(h * dim);
      rotate(query, 1, position_ + t);
      const int keys = position_ + t + 1;
      float top = -INFINITY, sum = 0.0F;
      for (int j = 0; j < keys; ++j) {
        score[to_size(j)] = scale * dot(query, layer.keys.data() + to_size(j) * kv_size + offset, dim);
        top = std::max(top, score[to_size(j)]);
      }
      for (int j = 0; j < keys; ++j) {
        score[to_size(j)] = std::exp(score[to_size(j)] - top);
        sum += score[to_size(j)];
      }
      float* out = mixed_.row(t) + h * dim;
      for (int j = 0; j < keys; ++j) {
        const float weight = score[to_size(j)] / sum;
        const float* value = layer.values.data() + to_size(j) * kv_size + offset;
        for (int i = 0; i < dim; ++i) out[i] += weight * value[i];
      }
    }
  }
}

void FloatBaseline::activate(int tokens) {
  const int width = config_.intermediate_size;
  inner_.resize(tokens, width);
  pool_.run([&](int thread, int threads) {
    const Share share(width, thread, threads);
    for (int t = 0; t < tokens; ++t) {
      const std::size_t at = to_size(t) * to_size(width);
      float* out = inner_.row(t);
      for (int i = share.first; i < share.last; ++i) {
        const float u = up_[at + to_size(i)];
        out[i] = config_.gpt2() ? gelu(u) : silu(gate_[at + to_size(i)]) * u;
      }
    }
  });
}

}  // namespace squat::backends::cpu
