// SPDX-License-Identifier: Apache-2.0
#include "host/backends/cpu/token_decoder.hpp"

#include <algorithm>

#include "hls/token_control.hpp"
#include "host/backends/cpu/row_units.hpp"
#include "host/engine/pass_rules.hpp"

namespace squat::backends::cpu {
namespace {

/// Takes back lines that other processors have read, before they are written: a write waits for that.
void own(const LineVector<std::int32_t>& part) {
  for (std::size_t i = 0; i < part.size(); i += kAlignment / sizeof part[0]) prefetch_for_write(&part[i]);
}

/// Asks for all lines at once that another processor has written.
void fetch(const LineVector<std::int32_t>& part) {
  for (std::size_t i = 0; i < part.size(); i += kAlignment / sizeof part[0]) __builtin_prefetch(&part[i]);
}

bool widths_depend_on_scores(const model::IntegerModel& m) {
  const hls::WidthRule rule = engine::width_params(m, 0).rule;
  return rule != hls::WidthRule::kAll8 && rule != hls::WidthRule::kAll4;
}

}  // namespace

TokenDecoder::TokenDecoder(const model::IntegerModel& model, const KernelSet& kernels, const PackedModel& packed,
                           KvCache& cache, int shares)
    : model_(model),
      kernels_(kernels),
      units_(kernels.units()),
      packed_(packed),
      cache_(cache),
      split_(shares > 1 && widths_depend_on_scores(model)),
      eight_after_(model.layers.size()) {
  for (int i = 0; i < shares; ++i) shares_.push_back(std::make_unique<DecoderShare>(model, kernels, i, shares));
}

bool TokenDecoder::pays(const model::ModelConfig& config, int shares) {
  if (shares == 1) return true;
  const int columns = config.q_size() / shares;
  return shares <= kMostShares && config.kv_heads % shares == 0 && columns % kColumnPad == 0;
}

void TokenDecoder::decode(ThreadPool& pool, int id, int position, std::vector<std::uint32_t>& eight_tokens,
                          std::int32_t* logits) {
  token_ = {id, position, eight_tokens.data(), logits};
  const int stages = (split_ ? 3 : 2) * model_.config.layers + 1;
  pool.run_stages(stages, [this](int stage, int share, int) { do_stage(stage, *shares_[to_size(share)]); });
  std::copy(eight_after_.begin(), eight_after_.end(), eight_tokens.begin());
}

void TokenDecoder::do_stage(int stage, DecoderShare& share) {
  const int per_layer = split_ ? 3 : 2;
  const int l = stage / per_layer, step = stage % per_layer;
  if (l == model_.config.layers) {
    classify(share);
  } else if (step == 0) {
    attend(l, share);
    if (!split_) weigh(l, share);
  } else if (step < per_layer - 1) {
    weigh(l, share);
  } else {
    mlp(l, share);
  }
}

void TokenDecoder::attend(int l, DecoderShare& share) {
  const model::ModelConfig& c = model_.config;
  const model::IntLayer& w = model_.layers[to_size(l)];
  const PackedLayer& packed = packed_.layers[to_size(l)];
  const int group = c.heads / c.kv_heads, half = c.head_dim / 2;
  own(share.attention_part);
  if (l == 0) {
    embed_row(model_, units_, token_.id, token_.position, share.residual.data());
    rope_row(model_, token_.position, share.cos.data(), share.sin.data());
    share.eight = engine::first_input_eight(model_);
  } else {
    add_parts(share, &DecoderShare::mlp_part, model_.layers[to_size(l - 1)].down_residual);
  }
  norm(w.input_norm, share.eight, share);
  const int first = share.heads.first * c.head_dim, last = share.heads.last * c.head_dim;
  const std::int32_t* query = rows_of(packed.q, share.codes, first * group, last * group, share.q.data());
  const std::int32_t* key = rows_of(packed.k, share.codes, first, last, share.k.data());
  share.value = rows_of(packed.v, share.codes, first, last, share.v.data());

  const auto rotate = [&](const std::int32_t* acc, hls::Requant r, std::int8_t* code) {
    units_.rope(acc, half, r, share.cos.data(), share.sin.data(), share.eight, code);
  };
  share.attention.resize(token_.position, 1);
  for (int h = share.heads.first, local = 0; h < share.heads.last; ++h, key += c.head_dim) {
    rotate(key, w.k_rope, share.cache_code.data());
    cache_.store_key(l, h, token_.position, share.cache_code.data());
    for (int i = 0; i < group; ++i, ++local, query += c.head_dim) {
      rotate(query, w.q_rope, share.attention.query(local, 0));
      share.attention.attend(local, cache_.keys(l, h, token_.position + 1), w.score);
    }
  }
  share.attention.add_token_scores(&share.token_score);
}

void TokenDecoder::weigh(int l, DecoderShare& share) {
  const model::ModelConfig& c = model_.config;
  const model::IntLayer& w = model_.layers[to_size(l)];
  const int group = c.heads / c.kv_heads;
  std::uint32_t score = 0;  // of all heads; in one stage with the scores no rule reads it
  if (split_) {
    for (const auto& other : shares_) score += other->token_score;
  } else {
    score = share.token_score;
  }
  std::uint8_t eight = 0;
  const std::uint32_t after = hls::assign_widths(engine::width_params(model_, l), &score, 1,
                                                 static_cast<std::uint32_t>(token_.position), token_.eight_before[l], &eight);
  if (share.number == 0) eight_after_[to_size(l)] = after;
  share.eight = eight != 0;

  const std::int32_t* value = share.value;
  for (int h = share.heads.first, local = 0; h < share.heads.last; ++h, value += c.head_dim) {
    units_.requantize(value, c.head_dim, w.v_code, share.eight, hls::kAttentionMin, share.cache_code.data());
    cache_.store_value(l, h, token_.position, share.cache_code.data());
    for (int i = 0; i < group; ++i, ++local) {
      share.attention.weigh(local, cache_.values(l, h, token_.position + 1), share.weighed.data(), to_size(c.head_dim));
      units_.requantize(share.weighed.data(), c.head_dim, w.o_in, share.eight, -128,
                        share.attended.row(0) + (h * group + i) * c.head_dim);
    }
  }
  part_of(share.o.empty() ? packed_.layers[to_size(l)].o : share.o[to_size(l)], share.attended, share.columns().first, share,
          share.attention_part);
}

void TokenDecoder::mlp(int l, DecoderShare& share) {
  const bool gated = !model_.config.gpt2();
  const model::IntLayer& w = model_.layers[to_size(l)];
  const PackedLayer& packed = packed_.layers[to_size(l)];
  const int first = share.channels.first, last = share.channels.last, n = last - first;
  own(share.mlp_part);
  add_parts(share, &DecoderShare::attention_part, w.o_residual);
  norm(w.mlp_norm, share.eight, share);
  if (n > 0) {
    const std::int32_t* gate = gated ? rows_of(packed.gate, share.codes, first, last, share.gate.data()) : nullptr;
    const std::int32_t* up = rows_of(packed.up, share.codes, first, last, share.up.data());
    std::int8_t* code = share.inner.row(0) + first;
    if (gated) {
      units_.silu_mul(gate, w.gate_fixed, up, w.up_fixed, n, w.gate_up_frac, w.down_in, share.eight, code);
    } else {
      units_.gelu(up, w.up_fixed, n, w.gate_up_frac, w.down_in, share.eight, code);
    }
  }
  part_of(share.down.empty() ? packed.down : share.down[to_size(l)], share.inner, first, share, share.mlp_part);
}

void TokenDecoder::classify(DecoderShare& share) {
  add_parts(share, &DecoderShare::mlp_part, model_.layers.back().down_residual);
  norm(model_.final_norm, true, share);
  const PackedMatrix& head = packed_.head;
  const int rows = block_rows(head.bits);
  const Share blocks(head.blocks, share.number, static_cast<int>(shares_.size()));
  rows_of(head, share.codes, blocks.first * rows, std::min(blocks.last * rows, head.rows), token_.logits + blocks.first * rows);
}

const std::int32_t* TokenDecoder::rows_of(const PackedMatrix& w, const Codes& codes, int first, int last,
                                          std::int32_t* out) const {
  const int rows = block_rows(w.bits), first_block = first / rows, last_block = (last + rows - 1) / rows;
  if (first_block < last_block) {
    Product p = product_of(w, first_block, last_block);
    codes.feed(p);
    p.out = out;
    p.out_stride = to_size(p.rows);
    (w.bits == 4 ? kernels_.product4 : kernels_.product8)(p);
  }
  return out + (first - first_block * rows);
}

void TokenDecoder::part_of(const PackedMatrix& w, Codes& codes, int first, const DecoderShare& share,
                           LineVector<std::int32_t>& part) const {
  codes.set_four_bit(!share.eight);
  codes.sum_row(0, units_);
  Product p = product_of(w, 0, w.blocks);
  codes.feed(p);
  p.codes += first;
  if (share.number != 0) p.bias = nullptr;
  p.out = part.data();
  p.out_stride = part.size();
  (w.bits == 4 ? kernels_.product4 : kernels_.product8)(p);
}

void TokenDecoder::add_parts(DecoderShare& share, LineVector<std::int32_t> DecoderShare::*part, hls::Requant r) const {
  for (const auto& other : shares_) {
    if (other.get() != &share) fetch(other.get()->*part);
  }
  const std::int32_t* sums = (shares_[0].get()->*part).data();
  for (std::size_t i = 1; i < shares_.size(); ++i) {
    const std::int32_t* more = (shares_[i].get()->*part).data();
    std::transform(sums, sums + share.sums.size(), more, share.sums.begin(),
                   [](std::int32_t a, std::int32_t b) { return a + b; });
    sums = share.sums.data();
  }
  units_.add_residual(share.residual.data(), sums, static_cast<int>(share.residual.size()), r);
}

void TokenDecoder::norm(const model::IntNorm& n, bool eight_bit, DecoderShare& share) const {
  norm_row(model_, units_, n, share.residual.data(), eight_bit, share.codes.row(0));
  share.codes.set_four_bit(!eight_bit);
  share.codes.sum_row(0, units_);
}

}  // namespace squat::backends::cpu
