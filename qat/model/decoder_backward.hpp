// SPDX-License-Identifier: Apache-2.0
// Backward over a few sequences. On the way, stored inputs of linear layers become their rounded values and stored outputs
// their gradients: the matrix gradients then are one product over the whole batch each (decoder_weights.hpp). Included by
// decoder.cpp.
#pragma once

#include <algorithm>
#include <cmath>

#include "qat/model/attention_blocks.hpp"
#include "qat/model/decoder.hpp"

namespace squat::qat {
template <typename S>
SiteSums& Decoder<S>::site_sums(int sequence, int layer, Site which) {
  return sums_[static_cast<std::size_t>(sequence)]
      .sites[static_cast<std::size_t>(layer) * kBlockSites + (which == Site::kHeadInput ? 0 : static_cast<std::size_t>(which))];
}

template <typename S>
S* Decoder<S>::vector_gradient(int sequence, std::size_t parameter) {
  return sums_[static_cast<std::size_t>(sequence)].vectors.data() + (parameters_.info(parameter).offset - a_.matrix_elements);
}

template <typename S>
void Decoder<S>::round_rows_back(const SiteState& site, S* x, std::ptrdiff_t ld, const S* gy, std::ptrdiff_t ldg, int rows,
                                 int cols, const std::uint8_t* eight, S* gx, std::ptrdiff_t ldgx, bool store,
                                 SiteSums& sums) const {
  if (!site.active) {
    if (gx == gy) return;
    for (int r = 0; r < rows; ++r) std::copy_n(gy + r * ldg, cols, gx + r * ldgx);
    return;
  }
  const Grid<S> wide = site_grid(site, 0, parameters_);
  if (eight == nullptr) {
    if (site.is_unsigned) {  // probabilities: forward rounds them whatever the method
      k_.round_back(x, ld, gy, ldg, rows, cols, wide, gx, ldgx, store, &sums[0]);
    } else {
      to_grid_back(site.alpha, x, ld, gy, ldg, rows, cols, wide, gx, ldgx, store, &sums[0]);
    }
    return;
  }
  const Grid<S> narrow = site_grid(site, 1, parameters_);
  for (int r = 0; r < rows;) {
    int end = r + 1;
    while (end < rows && eight[end] == eight[r]) ++end;
    const bool wide_rows = eight[r] != 0;
    to_grid_back(site.alpha, x + r * ld, ld, gy + r * ldg, ldg, end - r, cols, wide_rows ? wide : narrow, gx + r * ldgx, ldgx,
                 store, &sums[wide_rows ? 0 : 1]);
    r = end;
  }
}

template <typename S>
void Decoder<S>::multiply_back(const Linear& x, const S* grad_out, int rows, S* grad_in) const {
  k_.gemm(false, x.in_major, rows, x.in, x.out, grad_out, x.out, weights(x), x.in_major ? x.out : x.in, grad_in, x.in, false);
}

template <typename S>
void Decoder<S>::round_back(int layer, Site which, const Rows& rows, S* x, std::ptrdiff_t ld, const S* gy, std::ptrdiff_t ldg,
                            int cols, const std::uint8_t* eight, S* gx, std::ptrdiff_t ldgx, bool store) {
  const SiteState& state = which == Site::kHeadInput ? a_.head_input : site(layer, which);
  const int t = store_.length;
  for (int s = 0; s < rows.sequences; ++s) {
    const std::ptrdiff_t from = static_cast<std::ptrdiff_t>(s) * t;
    round_rows_back(state, x + from * ld, ld, gy + from * ldg, ldg, t, cols, eight == nullptr ? nullptr : eight + from,
                    gx + from * ldgx, ldgx, store, site_sums(rows.sequence + s, layer, which));
  }
}

template <typename S>
void Decoder<S>::norm_backward(const Norm& norm, const S* u, const S* mean, const S* inverse, const S* dy, const Rows& rows,
                               S* du) {
  const int width = a_.config.hidden_size, t = store_.length;
  const S* gain = parameters_.value(norm.gain);
  for (int s = 0; s < rows.sequences; ++s) {
    const std::ptrdiff_t row = static_cast<std::ptrdiff_t>(s) * t, from = row * width;
    S* grad_gain = vector_gradient(rows.sequence + s, norm.gain);
    if (norm.bias < 0) {
      k_.rms_norm_back(u + from, inverse + row, gain, dy + from, t, width, du + from, grad_gain);
    } else {
      k_.layer_norm_back(u + from, mean + row, inverse + row, gain, dy + from, t, width, du + from, grad_gain,
                         vector_gradient(rows.sequence + s, static_cast<std::size_t>(norm.bias)));
    }
  }
}

/// grad: (rows, width) of the biased values; nothing without a bias.
template <typename S>
void Decoder<S>::bias_backward(std::ptrdiff_t bias, const S* grad, const Rows& rows, int width) {
  if (bias < 0) return;
  const int t = store_.length;
  for (int s = 0; s < rows.sequences; ++s) {
    k_.column_sum(grad + static_cast<std::ptrdiff_t>(s) * t * width, t, width,
                  vector_gradient(rows.sequence + s, static_cast<std::size_t>(bias)));
  }
}

template <typename S>
void Decoder<S>::backward_rows(const Step& step, const Rows& rows, Scratch& scratch) {
  const auto& c = a_.config;
  const int h = c.hidden_size, n = rows.rows;
  const auto count = static_cast<std::size_t>(n);
  const int widest = std::max({h, c.intermediate_size, c.q_size()});
  S* grad = grown(scratch.grad, at(count, h));
  S* grad_in = grown(scratch.grad_in, at(count, widest));
  std::fill_n(grad, at(count, h), S{0});
  multiply_back(a_.head, store_.logits.data() + at(rows.row, c.vocab_size), n, grad_in);
  S* in = store_.head_in.data() + at(rows.row, h);
  round_back(c.layers, Site::kHeadInput, rows, in, h, grad_in, h, h, nullptr, grad_in, h, true);
  norm_backward(a_.final_norm, store_.input(c.layers).data() + at(rows.row, h), store_.head_mean.data() + rows.row,
                store_.head_inverse.data() + rows.row, grad_in, rows, grad);
  for (int l = c.layers - 1; l >= 0; --l) {
    mlp_backward(rows, l, grad, scratch);
    attention_backward(step, rows, l, grad, scratch);
    if (residual_gradients_ == nullptr) continue;
    std::copy_n(grad, at(count, h), (*residual_gradients_)[static_cast<std::size_t>(l)].data() + at(rows.row, h));
  }
  std::copy_n(grad, at(count, h), store_.grad_residual.data() + at(rows.row, h));
}

/// grad: gradient of the block's output (rows, hidden); becomes that of its input.
template <typename S>
void Decoder<S>::mlp_backward(const Rows& rows, int layer, S* grad, Scratch& scratch) {
  const auto& c = a_.config;
  const Block& block = a_.blocks[static_cast<std::size_t>(layer)];
  LayerStore<S>& l = store_.layer(layer);
  const int h = c.hidden_size, m = c.intermediate_size, wide = block.expand.out, n = rows.rows;
  const auto count = static_cast<std::size_t>(n);
  const std::uint8_t* eight = own_widths(layer, rows.row);
  S* grad_in = scratch.grad_in.data();
  std::copy_n(grad, at(count, h), l.grad_contract.data() + at(rows.row, h));
  bias_backward(block.contract.bias, grad, rows, h);
  multiply_back(block.contract, grad, n, grad_in);
  round_back(layer, Site::kD, rows, l.contract_in.data() + at(rows.row, m), m, grad_in, m, m, eight, grad_in, m, true);
  S* expanded = l.expanded.data() + at(rows.row, wide);
  if (a_.gpt2) {
    k_.gelu_back(expanded, at(count, m), grad_in);
    bias_backward(block.expand.bias, expanded, rows, wide);
  } else {
    k_.swiglu_back(expanded, expanded + m, wide, n, m, grad_in);
  }
  multiply_back(block.expand, expanded, n, grad_in);
  round_back(layer, Site::kGu, rows, l.mlp_in.data() + at(rows.row, h), h, grad_in, h, h, eight, grad_in, h, true);
  norm_backward(block.mlp_norm, l.middle.data() + at(rows.row, h), l.mean2.data() + rows.row, l.inverse2.data() + rows.row,
                grad_in, rows, grad);
}

template <typename S>
void Decoder<S>::attention_backward(const Step& step, const Rows& rows, int layer, S* grad, Scratch& scratch) {
  const auto& c = a_.config;
  const Block& block = a_.blocks[static_cast<std::size_t>(layer)];
  LayerStore<S>& l = store_.layer(layer);
  const int h = c.hidden_size, q = c.q_size(), kv = c.kv_size(), width = a_.qkv_width(), t = store_.length, n = rows.rows;
  const auto count = static_cast<std::size_t>(n);
  const std::uint8_t* own = own_widths(layer, rows.row);
  const std::uint8_t* before = input_widths(layer, rows.row);
  S* grad_in = scratch.grad_in.data();
  std::copy_n(grad, at(count, h), l.grad_o.data() + at(rows.row, h));
  bias_backward(block.o.bias, grad, rows, h);
  multiply_back(block.o, grad, n, grad_in);
  round_back(layer, Site::kO, rows, l.o_in.data() + at(rows.row, q), q, grad_in, q, q, own, grad_in, q, true);

  S* qkv = l.qkv.data() + at(rows.row, width);
  S* operands = qkv;
  if (quant_) {
    operands = grown(scratch.operands, at(count, width));
    round_rows(site(layer, Site::kQ), qkv, width, n, q, before, operands, width);
    round_rows(site(layer, Site::kK), qkv + q, width, n, kv, before, operands + q, width);
    round_rows(site(layer, Site::kV), qkv + q + kv, width, n, kv, own, operands + q + kv, width);
  }
  S* grads = grown(scratch.grad_wide, at(count, width));
  for (int s = 0; s < rows.sequences; ++s) {
    const std::ptrdiff_t from = static_cast<std::ptrdiff_t>(s) * t;
    for (int head = 0; head < c.heads; ++head) {
      map_backward(step, layer, rows.sequence + s, head, operands + from * width, grad_in + from * q, grads + from * width,
                   scratch);
    }
  }
  round_back(layer, Site::kQ, rows, qkv, width, grads, width, q, before, qkv, width, false);
  round_back(layer, Site::kK, rows, qkv + q, width, grads + q, width, kv, before, qkv + q, width, false);
  round_back(layer, Site::kV, rows, qkv + q + kv, width, grads + q + kv, width, kv, own, qkv + q + kv, width, false);
  if (!a_.gpt2) {
    for (int s = 0; s < rows.sequences; ++s) {
      S* first = qkv + static_cast<std::ptrdiff_t>(s) * t * width;
      k_.rotate(first, width, t, c.heads, c.head_dim, cosine_.data(), sine_.data(), S{-1});
      k_.rotate(first + q, width, t, c.kv_heads, c.head_dim, cosine_.data(), sine_.data(), S{-1});
    }
  }
  bias_backward(block.qkv.bias, qkv, rows, width);
  multiply_back(block.qkv, qkv, n, grad_in);
  round_back(layer, Site::kIn, rows, l.attention_in.data() + at(rows.row, h), h, grad_in, h, h, before, grad_in, h, true);
  norm_backward(block.attention_norm, store_.input(layer).data() + at(rows.row, h), l.mean1.data() + rows.row,
                l.inverse1.data() + rows.row, grad_in, rows, grad);
}

/// One head of one sequence. operands, grads: its first row (T, q + 2 kv); grad_out: (T, q).
/// Writes the gradients of the rounded q, k and v; heads that share a key head add up.
template <typename S>
void Decoder<S>::map_backward(const Step& step, int layer, int sequence, int head, const S* operands, const S* grad_out,
                              S* grads, Scratch& scratch) {
  const auto& c = a_.config;
  const int t = store_.length, hd = c.head_dim, q = c.q_size(), kv = c.kv_size(), width = a_.qkv_width();
  const int group = c.heads / c.kv_heads;
  const bool shared = head % group != 0;
  const auto scale = static_cast<S>(1.0 / std::sqrt(static_cast<double>(hd)));
  const auto size = static_cast<std::size_t>(t) * static_cast<std::size_t>(t);
  const std::size_t which = static_cast<std::size_t>(sequence * c.heads + head);
  S* p = store_.layer(layer).probabilities.data() + which * size;
  S* map = grown(scratch.map, size);
  S* rounded = grown(scratch.map_rounded, size);
  const SiteState& p_site = a_.blocks[static_cast<std::size_t>(layer)].site(Site::kP);
  const std::ptrdiff_t key = q + head / group * hd, value = key + kv, query = head * hd;
  const bool maps = step.distribution_factor != 0 && step.losses->distribution_form != DistributionForm::kPublishedRaw;
  const std::size_t map_index = static_cast<std::size_t>(layer) * static_cast<std::size_t>(store_.sequences * c.heads) + which;
  for_each_block_backwards(t, [&](int first, int last) {
    const std::ptrdiff_t from = static_cast<std::ptrdiff_t>(first) * t, row = static_cast<std::ptrdiff_t>(first) * width;
    const bool add = shared || last != t;
    const S* block_out = grad_out + static_cast<std::ptrdiff_t>(first) * q + query;
    const S* used = p + from;
    if (p_site.active) {
      k_.round(p + from, t, last - first, last, site_grid(p_site, 0, parameters_), rounded + from, t);
      used = rounded + from;
    }
    k_.gemm(true, false, last, hd, last - first, used, t, block_out, q, grads + value, width, add);
    k_.gemm(false, true, last - first, last, hd, block_out, q, operands + value, width, map + from, t, false);
    round_rows_back(p_site, p + from, t, map + from, t, last - first, last, nullptr, map + from, t, false,
                    site_sums(sequence, layer, Site::kP));
    if (maps) {
      const S* teacher = step.teachers->teachers[0]->attention[static_cast<std::size_t>(layer)].data() + which * size;
      for (int r = first; r < last; ++r) {
        const std::ptrdiff_t line = static_cast<std::ptrdiff_t>(r) * t;
        add_map_gradient(p + line, teacher + line, static_cast<std::size_t>(r) + 1, step.maps[map_index],
                         step.distribution_factor * step.distribution.slope, map + line);
      }
    }
    k_.softmax_causal_back(p, map, t, first, last, scale);
    k_.gemm(false, false, last - first, hd, last, map + from, t, operands + key, width, grads + row + query, width, false);
    k_.gemm(true, false, last, hd, last - first, map + from, t, operands + row + query, width, grads + key, width, add);
  });
  if (step.distribution_factor != 0 && !maps) raw_map_backward(step, layer, sequence, head, operands, grads, scratch);
  if (step.entropy_factor == 0) return;
  const auto i = static_cast<std::size_t>(layer * c.heads + head);
  const EntropyForm form = step.losses->entropy_form;
  add_entropy_gradient(operands + query, width, t, hd, form, step.entropy.q[i], step.entropy_factor, grads + query, width);
  add_entropy_gradient(operands + key, width, t, hd, form, step.entropy.k[i], step.entropy_factor, grads + key, width);
}

/// The published distribution loss sees every product, future positions included.
template <typename S>
void Decoder<S>::raw_map_backward(const Step& step, int layer, int sequence, int head, const S* operands, S* grads,
                                  Scratch& scratch) {
  const auto& c = a_.config;
  const int t = store_.length, hd = c.head_dim, width = a_.qkv_width(), group = c.heads / c.kv_heads;
  const auto size = static_cast<std::size_t>(t) * static_cast<std::size_t>(t);
  const std::size_t which = static_cast<std::size_t>(sequence * c.heads + head);
  const std::size_t map_index = static_cast<std::size_t>(layer) * static_cast<std::size_t>(store_.sequences * c.heads) + which;
  const std::ptrdiff_t query = head * hd, key = c.q_size() + head / group * hd;
  S* raw = scratch.map.data();
  S* slope = scratch.map_rounded.data();
  raw_products(operands + query, operands + key, raw);
  std::fill_n(slope, size, S{0});
  const double scale = 1.0 / std::sqrt(static_cast<double>(hd));
  add_map_gradient(raw, step.teachers->teachers[0]->raw_products[static_cast<std::size_t>(layer)].data() + which * size, size,
                   step.maps[map_index], step.distribution_factor * step.distribution.slope * scale, slope);
  k_.gemm(false, false, t, hd, t, slope, t, operands + key, width, grads + query, width, true);
  k_.gemm(true, false, t, hd, t, slope, t, operands + query, width, grads + key, width, true);
}

}  // namespace squat::qat
