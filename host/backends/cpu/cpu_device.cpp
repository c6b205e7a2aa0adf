// SPDX-License-Identifier: Apache-2.0
#include "host/backends/cpu/cpu_device.hpp"

#include <algorithm>
#include <utility>

#include "hls/token_control.hpp"
#include "host/backends/cpu/kernel_choice.hpp"
#include "host/backends/cpu/row_units.hpp"
#include "host/engine/pass_rules.hpp"

namespace squat::backends {

using cpu::to_size;

CpuDevice::CpuDevice(const model::IntegerModel& model, const CpuOptions& options)
    : model_(model),
      kernels_(cpu::choose_kernels(options.kernel)),
      units_(kernels_.units()),
      packed_(model, kernels_),
      cache_(model.config, kernels_),
      eight_tokens_(model.layers.size()),
      pool_(options.threads),
      cache_code_(to_size(model.config.kv_heads) * to_size(model.config.head_dim)),
      attention_(model.config, kernels_) {
  if (cpu::TokenDecoder::pays(model.config, options.threads)) {
    decoder_.emplace(model, kernels_, packed_, cache_, options.threads);
  }
}

void CpuDevice::reset() {
  eight_tokens_.assign(eight_tokens_.size(), 0);
  position_ = 0;
}

bool CpuDevice::set_tap(engine::Tap tap) {
  tap_ = std::move(tap);
  return true;
}

engine::PassResult CpuDevice::run(const std::vector<int>& ids, engine::RowRange rows) {
  engine::check_pass(model_, position_, ids);
  if (ids.size() == 1 && decoder_ && !tap_) return decode(ids[0]);  // a tap wants tensors that the decoder never has whole
  const int count = static_cast<int>(ids.size());
  const model::ModelConfig& c = model_.config;
  widths_.assign(ids.size(), engine::first_input_eight(model_) ? 1 : 0);
  token_score_.resize(ids.size());
  embed(ids);

  engine::PassResult result;
  result.tokens = count;
  result.eight_tokens_per_layer.reserve(to_size(c.layers));
  for (int l = 0; l < c.layers; ++l) {
    const std::uint32_t before = eight_tokens_[to_size(l)];
    attention(l);
    show(l, "residual_mid", residual_);
    mlp(l);
    show(l, "residual_out", residual_);
    result.eight_tokens_per_layer.push_back(eight_tokens_[to_size(l)] - before);
  }
  position_ += count;

  result.rows = rows == engine::RowRange::kAll ? count : 1;
  norm(model_.final_norm, count - result.rows, result.rows, true);
  show(c.layers, "final_code", codes_);
  result.logits.resize(to_size(result.rows) * to_size(c.vocab_size));
  pool_.run([&](int thread, int threads) { project(packed_.head, codes_, result.logits.data(), thread, threads); });
  show(c.layers, "logits", result.logits);
  return result;
}

engine::PassResult CpuDevice::decode(int id) {
  engine::PassResult result;
  result.tokens = result.rows = 1;
  result.logits.resize(to_size(model_.config.vocab_size));
  result.eight_tokens_per_layer = eight_tokens_;
  decoder_->decode(pool_, id, position_, eight_tokens_, result.logits.data());
  for (std::size_t l = 0; l < eight_tokens_.size(); ++l) {
    result.eight_tokens_per_layer[l] = eight_tokens_[l] - result.eight_tokens_per_layer[l];
  }
  ++position_;
  return result;
}

void CpuDevice::embed(const std::vector<int>& ids) {
  const std::size_t hidden = to_size(model_.config.hidden_size), half = to_size(model_.config.head_dim) / 2;
  residual_.resize(ids.size() * hidden);
  cos_.resize(ids.size() * half);
  sin_.resize(ids.size() * half);
  for (std::size_t t = 0; t < ids.size(); ++t) {
    const int position = position_ + static_cast<int>(t);
    cpu::embed_row(model_, units_, ids[t], position, residual_.data() + t * hidden);
    cpu::rope_row(model_, position, cos_.data() + t * half, sin_.data() + t * half);
  }
}

void CpuDevice::attention(int l) {
  const model::ModelConfig& c = model_.config;
  const model::IntLayer& w = model_.layers[to_size(l)];
  const cpu::PackedLayer& packed = packed_.layers[to_size(l)];
  norm(w.input_norm, 0, tokens(), false);
  show(l, "input_code", codes_);
  q_acc_.resize(to_size(tokens()) * to_size(c.q_size()));
  k_acc_.resize(to_size(tokens()) * to_size(c.kv_size()));
  v_acc_.resize(k_acc_.size());
  attention_.resize(position_, tokens());
  // The value projection reads the same codes, in the widths of the layer before; only its rounding waits for the layer's own.
  pool_.run([&](int thread, int threads) {
    project(packed.q, codes_, q_acc_.data(), thread, threads);
    project(packed.k, codes_, k_acc_.data(), thread, threads);
    project(packed.v, codes_, v_acc_.data(), thread, threads);
  });
  pool_.run([&](int thread, int threads) {
    const cpu::Share heads(c.kv_heads, thread, threads);
    for (int h = heads.first; h < heads.last; ++h) attend_head(l, h);
  });
  if (tap_) {
    std::vector<std::int32_t> q;
    for (int t = 0; t < tokens(); ++t) {
      for (int h = 0; h < c.heads; ++h) q.insert(q.end(), attention_.query(h, t), attention_.query(h, t) + c.head_dim);
    }
    show(l, "q", q);
    show(l, "k", cached_rows(l, true, position_, position_ + tokens()));
    show(l, "scores", attention_.scores());
    show(l, "prob", attention_.probabilities());
  }

  attention_.add_token_scores(token_score_.data());
  eight_tokens_[to_size(l)] =
      hls::assign_widths(engine::width_params(model_, l), token_score_.data(), tokens(), static_cast<std::uint32_t>(position_),
                         eight_tokens_[to_size(l)], widths_.data());
  show(l, "widths", widths_);
  accumulators_.resize(to_size(tokens()) * to_size(std::max(c.q_size(), c.hidden_size)));
  codes_.resize(tokens(), c.q_size());
  codes_.set_four_bit(all_four(0, tokens()));
  pool_.run([&](int thread, int threads) {
    const cpu::Share heads(c.kv_heads, thread, threads);
    for (int h = heads.first; h < heads.last; ++h) weigh_head(l, h);
  });
  if (tap_) show(l, "v", cached_rows(l, false, position_, position_ + tokens()));
  show(l, "attn_code", codes_);
  sum_codes(codes_);
  pool_.run([&](int thread, int threads) {
    add_residual(w.o_residual, project(packed.o, codes_, accumulators_.data(), thread, threads));
  });
}

void CpuDevice::attend_head(int l, int kv_head) {
  const model::ModelConfig& c = model_.config;
  const model::IntLayer& w = model_.layers[to_size(l)];
  const int group = c.heads / c.kv_heads;
  std::int8_t* key = cache_code_.data() + to_size(kv_head) * to_size(c.head_dim);
  for (int t = 0; t < tokens(); ++t) {
    rotate(k_acc_.data() + to_size(t) * to_size(c.kv_size()) + to_size(kv_head * c.head_dim), t, w.k_rope, key);
    cache_.store_key(l, kv_head, position_ + t, key);
  }
  for (int h = kv_head * group; h < (kv_head + 1) * group; ++h) {
    for (int t = 0; t < tokens(); ++t) {
      rotate(q_acc_.data() + to_size(t) * to_size(c.q_size()) + to_size(h * c.head_dim), t, w.q_rope, attention_.query(h, t));
    }
    attention_.attend(h, cache_.keys(l, kv_head, position_ + tokens()), w.score);
  }
}

void CpuDevice::weigh_head(int l, int kv_head) {
  const model::ModelConfig& c = model_.config;
  const model::IntLayer& w = model_.layers[to_size(l)];
  const int group = c.heads / c.kv_heads;
  std::int8_t* value = cache_code_.data() + to_size(kv_head) * to_size(c.head_dim);
  for (int t = 0; t < tokens(); ++t) {
    const std::int32_t* acc = v_acc_.data() + to_size(t) * to_size(c.kv_size()) + to_size(kv_head * c.head_dim);
    units_.requantize(acc, c.head_dim, w.v_code, eight(t), hls::kAttentionMin, value);
    cache_.store_value(l, kv_head, position_ + t, value);
  }
  for (int h = kv_head * group; h < (kv_head + 1) * group; ++h) {
    std::int32_t* sums = accumulators_.data() + to_size(h * c.head_dim);
    attention_.weigh(h, cache_.values(l, kv_head, position_ + tokens()), sums, to_size(c.q_size()));
    for (int t = 0; t < tokens(); ++t) {
      units_.requantize(sums + to_size(t) * to_size(c.q_size()), c.head_dim, w.o_in, eight(t), -128,
                        codes_.row(t) + h * c.head_dim);
    }
  }
}

void CpuDevice::mlp(int l) {
  const model::ModelConfig& c = model_.config;
  const model::IntLayer& w = model_.layers[to_size(l)];
  const cpu::PackedLayer& packed = packed_.layers[to_size(l)];
  norm(w.mlp_norm, 0, tokens(), false);
  show(l, "mlp_code", codes_);
  const std::size_t inner = to_size(tokens()) * to_size(w.up.rows);
  accumulators_.resize(std::max(inner, to_size(tokens()) * to_size(c.hidden_size)));
  if (!c.gpt2()) gate_acc_.resize(inner);
  inner_.resize(tokens(), w.up.rows);
  inner_.set_four_bit(all_four(0, tokens()));
  pool_.run([&](int thread, int threads) {
    if (!c.gpt2()) project(packed.gate, codes_, gate_acc_.data(), thread, threads);
    activate(w, project(packed.up, codes_, accumulators_.data(), thread, threads));
  });
  show(l, "gated", inner_);
  sum_codes(inner_);
  pool_.run([&](int thread, int threads) {
    add_residual(w.down_residual, project(packed.down, inner_, accumulators_.data(), thread, threads));
  });
}

void CpuDevice::activate(const model::IntLayer& w, cpu::Share share) {
  const int n = share.last - share.first;
  for (int t = 0; t < tokens(); ++t) {
    const std::size_t at = to_size(t) * to_size(w.up.rows) + to_size(share.first);
    const std::int32_t* up = accumulators_.data() + at;
    std::int8_t* code = inner_.row(t) + share.first;
    if (model_.config.gpt2()) {
      units_.gelu(up, w.up_fixed, n, w.gate_up_frac, w.down_in, eight(t), code);
    } else {
      units_.silu_mul(gate_acc_.data() + at, w.gate_fixed, up, w.up_fixed, n, w.gate_up_frac, w.down_in, eight(t), code);
    }
  }
}

void CpuDevice::norm(const model::IntNorm& n, int first, int rows, bool all_eight) {
  const int hidden = model_.config.hidden_size;
  codes_.resize(rows, hidden);
  codes_.set_four_bit(!all_eight && all_four(first, rows));
  const auto share = [&](cpu::Share tokens) {
    for (int t = tokens.first; t < tokens.last; ++t) {
      cpu::norm_row(model_, units_, n, residual_.data() + to_size(first + t) * to_size(hidden), all_eight || eight(first + t),
                    codes_.row(t));
      codes_.sum_row(t, units_);
    }
  };
  if (rows == 1) {
    share(cpu::Share(1, 0, 1));
  } else {
    pool_.run([&](int thread, int threads) { share(cpu::Share(rows, thread, threads)); });
  }
}

cpu::Share CpuDevice::project(const cpu::PackedMatrix& w, const cpu::Codes& codes, std::int32_t* out, int thread,
                              int threads) const {
  const cpu::Share blocks(w.blocks, thread, threads);
  const int rows = cpu::block_rows(w.bits);
  cpu::Share share = blocks;
  share.first = blocks.first * rows;
  share.last = std::min(blocks.last * rows, w.rows);
  if (blocks.first == blocks.last) {
    share.last = share.first;
    return share;
  }
  cpu::Product p = cpu::product_of(w, blocks.first, blocks.last);
  codes.feed(p);
  p.out = out + share.first;
  p.out_stride = to_size(w.rows);
  (w.bits == 4 ? kernels_.product4 : kernels_.product8)(p);
  return share;
}

void CpuDevice::rotate(const std::int32_t* acc, int token, hls::Requant r, std::int8_t* code) const {
  const int half = model_.config.head_dim / 2;
  const std::size_t at = to_size(token) * to_size(half);
  units_.rope(acc, half, r, cos_.data() + at, sin_.data() + at, eight(token), code);
}

void CpuDevice::add_residual(hls::Requant r, cpu::Share share) {
  const std::size_t hidden = to_size(model_.config.hidden_size);
  for (int t = 0; t < tokens(); ++t) {
    const std::size_t at = to_size(t) * hidden + to_size(share.first);
    units_.add_residual(residual_.data() + at, accumulators_.data() + at, share.last - share.first, r);
  }
}

void CpuDevice::sum_codes(cpu::Codes& codes) const {
  for (int t = 0; t < codes.tokens(); ++t) codes.sum_row(t, units_);
}

engine::CachedLayer CpuDevice::cached(int layer) {
  return {cached_rows(layer, true, 0, position_), cached_rows(layer, false, 0, position_)};
}

std::vector<std::int8_t> CpuDevice::cached_rows(int layer, bool keys, int first, int last) const {
  const model::ModelConfig& c = model_.config;
  std::vector<std::int8_t> out(to_size(last - first) * to_size(c.kv_size()));
  std::int8_t* to = out.data();
  for (int position = first; position < last; ++position) {
    for (int h = 0; h < c.kv_heads; ++h, to += c.head_dim) {
      if (keys) {
        cache_.read_key(layer, h, position, to);
      } else {
        cache_.read_value(layer, h, position, to);
      }
    }
  }
  return out;
}

}  // namespace squat::backends
