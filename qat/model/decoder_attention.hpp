// SPDX-License-Identifier: Apache-2.0
// The attention block forward. Maps are computed in blocks of rows, each with the columns its causal mask leaves. Included by
// decoder.cpp.
#pragma once

#include <algorithm>
#include <cmath>

#include "qat/model/attention_blocks.hpp"
#include "qat/model/decoder.hpp"

namespace squat::qat {
template <typename S>
void Decoder<S>::attention_forward(Step& step, const Rows& rows, int layer, Scratch& scratch) {
  const auto& c = a_.config;
  const Block& block = a_.blocks[static_cast<std::size_t>(layer)];
  LayerStore<S>& l = store_.layer(layer);
  const int h = c.hidden_size, width = a_.qkv_width(), q = c.q_size(), kv = c.kv_size(), t = store_.length, hd = c.head_dim;
  const S* u = store_.input(layer).data() + at(rows.row, h);
  S* in = l.attention_in.data() + at(rows.row, h);
  norm_forward(block.attention_norm, u, rows.rows, in, l.mean1.data() + rows.row, l.inverse1.data() + rows.row);
  const std::uint8_t* eight = input_widths(layer, rows.row);
  S* qkv = l.qkv.data() + at(rows.row, width);
  multiply_rounded(site(layer, Site::kIn), block.qkv, in, rows.rows, eight, qkv, false, scratch);
  if (!a_.gpt2) {
    for (int s = 0; s < rows.sequences; ++s) {
      S* first = qkv + static_cast<std::ptrdiff_t>(s) * t * width;
      k_.rotate(first, width, t, c.heads, hd, cosine_.data(), sine_.data(), S{1});
      k_.rotate(first + q, width, t, c.kv_heads, hd, cosine_.data(), sine_.data(), S{1});
    }
  }
  S* operands = quant_ ? grown(scratch.operands, at(static_cast<std::size_t>(rows.rows), width)) : qkv;
  round_rows(site(layer, Site::kQ), qkv, width, rows.rows, q, eight, operands, width);
  round_rows(site(layer, Site::kK), qkv + q, width, rows.rows, kv, eight, operands + q, width);
  if (step.entropy_factor != 0) collect_moments(step, rows, layer, operands);

  const int group = c.heads / c.kv_heads;
  const auto scale = static_cast<S>(1.0 / std::sqrt(static_cast<double>(hd)));
  const auto map_size = static_cast<std::size_t>(t) * static_cast<std::size_t>(t);
  const auto map_of = [&](int s, int head) {
    return l.probabilities.data() + static_cast<std::size_t>((rows.sequence + s) * c.heads + head) * map_size;
  };
  const auto q_of = [&](int s, int head) { return operands + static_cast<std::ptrdiff_t>(s) * t * width + head * hd; };
  const auto k_of = [&](int s, int head) {
    return operands + static_cast<std::ptrdiff_t>(s) * t * width + q + head / group * hd;
  };
  for (int s = 0; s < rows.sequences; ++s) {
    for (int head = 0; head < c.heads; ++head) {
      S* map = map_of(s, head);
      for_each_block(t, [&](int first, int last) {
        k_.gemm(false, true, last - first, last, hd, q_of(s, head) + static_cast<std::ptrdiff_t>(first) * width, width,
                k_of(s, head), width, map + static_cast<std::ptrdiff_t>(first) * t, t, false);
        k_.softmax_causal(map, t, first, last, scale);
      });
    }
  }
  compare_maps(step, rows, layer, operands, scratch);
  decide_widths(step, rows, layer);
  eight = own_widths(layer, rows.row);
  round_rows(site(layer, Site::kV), qkv + q + kv, width, rows.rows, kv, eight, operands + q + kv, width);

  SiteState& p_site = site(layer, Site::kP);
  if (starting_) start_site(p_site, l.probabilities.data(), l.probabilities.size(), *quant_, parameters_);
  Grid<S> p_grid;
  if (p_site.active) p_grid = site_grid(p_site, 0, parameters_);
  S* mixed_values = l.o_in.data() + at(rows.row, q);
  S* p = grown(scratch.map_rounded, map_size);
  for (int s = 0; s < rows.sequences; ++s) {
    for (int head = 0; head < c.heads; ++head) {
      const S* map = map_of(s, head);
      const S* values = k_of(s, head) + kv;
      for_each_block(t, [&](int first, int last) {
        const std::ptrdiff_t from = static_cast<std::ptrdiff_t>(first) * t;
        if (p_site.active) k_.round(map + from, t, last - first, last, p_grid, p + from, t);
        k_.gemm(false, false, last - first, hd, last, (p_site.active ? p : map) + from, t, values, width,
                mixed_values + (static_cast<std::ptrdiff_t>(s) * t + first) * q + head * hd, q, false);
      });
    }
  }
  S* middle = l.middle.data() + at(rows.row, h);
  std::copy_n(u, at(static_cast<std::size_t>(rows.rows), h), middle);
  multiply_rounded(site(layer, Site::kO), block.o, mixed_values, rows.rows, eight, middle, true, scratch);
}

template <typename S>
void Decoder<S>::collect_moments(const Step& step, const Rows& rows, int layer, const S* operands) {
  const auto& c = a_.config;
  const int hd = c.head_dim, group = c.heads / c.kv_heads, width = a_.qkv_width();
  const int t = store_.length;
  for (int s = 0; s < rows.sequences; ++s, operands += static_cast<std::ptrdiff_t>(t) * width) {
    SequenceSums<S>& sums = sums_[static_cast<std::size_t>(rows.sequence + s)];
    for (int head = 0; head < c.heads; ++head) {
      const auto i = static_cast<std::size_t>(layer * c.heads + head);
      add_moments(operands + head * hd, width, t, hd, step.losses->entropy_form, sums.q[i]);
      add_moments(operands + c.q_size() + head / group * hd, width, t, hd, step.losses->entropy_form, sums.k[i]);
    }
  }
}

template <typename S>
void Decoder<S>::raw_products(const S* q, const S* k, S* out) const {
  const int t = store_.length, hd = a_.config.head_dim, width = a_.qkv_width();
  const auto scale = static_cast<S>(1.0 / std::sqrt(static_cast<double>(hd)));
  k_.gemm(false, true, t, t, hd, q, width, k, width, out, t, false);
  for (std::ptrdiff_t i = 0; i < static_cast<std::ptrdiff_t>(t) * t; ++i) out[i] *= scale;
}

/// Keeps maps that were asked for and compares the student's with the first teacher's.
template <typename S>
void Decoder<S>::compare_maps(Step& step, const Rows& rows, int layer, const S* operands, Scratch& scratch) {
  const bool compare = step.distribution_factor != 0;
  const bool raw = (compare && step.losses->distribution_form == DistributionForm::kPublishedRaw) || step.keep.raw_products;
  if (!compare && !step.keep.attention && !raw) return;
  const auto& c = a_.config;
  const auto index = static_cast<std::size_t>(layer);
  const int t = store_.length, width = a_.qkv_width(), group = c.heads / c.kv_heads, hd = c.head_dim;
  const auto size = static_cast<std::size_t>(t) * static_cast<std::size_t>(t);
  for (int s = 0; s < rows.sequences; ++s) {
    for (int head = 0; head < c.heads; ++head) {
      const std::size_t which = static_cast<std::size_t>((rows.sequence + s) * c.heads + head);
      const S* map = store_.layer(layer).probabilities.data() + which * size;
      if (step.keep.attention) std::copy_n(map, size, step.outputs->attention[index].data() + which * size);
      if (raw) {
        const S* base = operands + static_cast<std::ptrdiff_t>(s) * t * width;
        S* products = grown(scratch.map, size);
        raw_products(base + head * hd, base + c.q_size() + head / group * hd, products);
        if (step.keep.raw_products) std::copy_n(products, size, step.outputs->raw_products[index].data() + which * size);
        map = products;
      }
      if (!compare) continue;
      const auto& teacher = *step.teachers->teachers[0];
      const S* other = (raw ? teacher.raw_products : teacher.attention)[index].data() + which * size;
      step.maps[index * static_cast<std::size_t>(store_.sequences * c.heads) + which] = map_products(map, other, size);
    }
  }
}

}  // namespace squat::qat
