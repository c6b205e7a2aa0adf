// SPDX-License-Identifier: Apache-2.0
// Forward over a few sequences. Included by decoder.cpp.
#pragma once

#include <algorithm>
#include <cmath>

#include "host/reference_float/fake_quant.hpp"
#include "qat/loss/teacher_target.hpp"
#include "qat/model/decoder.hpp"

namespace squat::qat {
template <typename S>
void Decoder<S>::forward_rows(Step& step, const Rows& rows, Scratch& scratch) {
  const auto& c = a_.config;
  const std::size_t widest = static_cast<std::size_t>(std::max({c.hidden_size, c.intermediate_size, c.q_size()}));
  grown(scratch.input, static_cast<std::size_t>(rows.rows) * widest);
  embed(*step.batch, rows, store_.input(0).data() + at(rows.row, c.hidden_size));
  for (int l = 0; l < c.layers; ++l) {
    attention_forward(step, rows, l, scratch);
    mlp_forward(step, rows, l, scratch);
  }
  head_forward(step, rows, scratch);
}

template <typename S>
void Decoder<S>::embed(const Batch& batch, const Rows& rows, S* out) const {
  const auto width = static_cast<std::size_t>(a_.config.hidden_size);
  const bool rounded = a_.embedding.alpha >= 0;
  const S* table = (rounded ? rounded_.data() : parameters_.values()) + parameters_.info(a_.embedding.parameter).offset;
  for (std::size_t r = 0; r < static_cast<std::size_t>(rows.rows); ++r, out += width) {
    std::copy_n(table + static_cast<std::size_t>(batch.tokens[rows.row + r]) * width, width, out);
    if (a_.positions < 0) continue;
    const std::size_t position = r % static_cast<std::size_t>(store_.length);
    k_.add_scaled(out, parameters_.value(static_cast<std::size_t>(a_.positions)) + position * width, width, S{1});
  }
}

template <typename S>
void Decoder<S>::norm_forward(const Norm& norm, const S* u, int rows, S* y, S* mean, S* inverse) const {
  const auto& c = a_.config;
  if (norm.bias < 0) {
    k_.rms_norm(u, rows, c.hidden_size, parameters_.value(norm.gain), c.rms_norm_eps, y, inverse);
  } else {
    k_.layer_norm(u, rows, c.hidden_size, parameters_.value(norm.gain), parameters_.value(static_cast<std::size_t>(norm.bias)),
                  c.rms_norm_eps, y, mean, inverse);
  }
}

template <typename S>
const S* Decoder<S>::weights(const Linear& x) const {
  return (x.parts[0].alpha >= 0 ? rounded_.data() : parameters_.values()) + x.offset;
}

template <typename S>
void Decoder<S>::multiply(const Linear& x, const S* in, int rows, S* out, bool accumulate) const {
  k_.gemm(false, !x.in_major, rows, x.out, x.in, in, x.in, weights(x), x.in_major ? x.out : x.in, out, x.out, accumulate);
  if (x.bias >= 0) k_.add_bias(out, rows, x.out, parameters_.value(static_cast<std::size_t>(x.bias)));
}

template <typename S>
const S* Decoder<S>::round_rows(SiteState& site, S* x, std::ptrdiff_t ld, int rows, int cols, const std::uint8_t* eight, S* out,
                                std::ptrdiff_t ldo) {
  if (!site.active) return x;
  if (starting_) {
    std::vector<S> all;
    for (int r = 0; r < rows; ++r) all.insert(all.end(), x + r * ld, x + r * ld + cols);
    start_site(site, all.data(), all.size(), *quant_, parameters_);
  }
  const Grid<S> wide = site_grid(site, 0, parameters_);
  if (eight == nullptr) {
    to_grid(site.alpha, x, ld, rows, cols, wide, out, ldo);
    return out;
  }
  const Grid<S> narrow = site_grid(site, 1, parameters_);
  for (int r = 0; r < rows;) {
    int end = r + 1;
    while (end < rows && eight[end] == eight[r]) ++end;
    to_grid(site.alpha, x + r * ld, ld, end - r, cols, eight[r] != 0 ? wide : narrow, out + r * ldo, ldo);
    r = end;
  }
  return out;
}

/// Signed codes of at most 8 bits on both sides, no zero points, no noise.
template <typename S>
bool Decoder<S>::on_codes(const SiteState& site, const Linear& linear) const {
  return k_.integer_gemm != nullptr && !starting_ && !noisy_ && site.active && !site.is_unsigned && site.zero < 0 &&
         !linear.in_major && linear.parts[0].alpha >= 0;
}

template <typename S>
void Decoder<S>::multiply_rounded(SiteState& site, const Linear& linear, S* x, int rows, const std::uint8_t* eight, S* out,
                                  bool accumulate, Scratch& scratch) {
  if (!on_codes(site, linear)) {
    const S* rounded = round_rows(site, x, linear.in, rows, linear.in, eight, scratch.input.data(), linear.in);
    multiply(linear, rounded, rows, out, accumulate);
    return;
  }
  const std::ptrdiff_t ld = (linear.in + 3) / 4 * 4;
  std::uint8_t* codes = grown(scratch.codes, static_cast<std::size_t>(rows) * static_cast<std::size_t>(ld));
  S* row_scale = grown(scratch.row_scale, static_cast<std::size_t>(rows));
  const Grid<S> grids[2] = {site_grid(site, 0, parameters_), eight == nullptr ? Grid<S>{} : site_grid(site, 1, parameters_)};
  for (int r = 0; r < rows;) {
    int end = eight == nullptr ? rows : r + 1;
    while (end < rows && eight[end] == eight[r]) ++end;
    const Grid<S>& grid = grids[eight == nullptr || eight[r] != 0 ? 0 : 1];
    k_.code_rows(x + static_cast<std::ptrdiff_t>(r) * linear.in, linear.in, end - r, linear.in, grid, codes + r * ld, ld);
    std::fill(row_scale + r, row_scale + end, grid.scale);
    r = end;
  }
  S* column = out;
  for (const WeightPart& part : linear.parts) {
    const Coded& w = coded_[part.parameter];
    k_.integer_gemm(rows, part.out, linear.in, codes, ld, row_scale, w.packed.data(), w.offsets.data(),
                    *parameters_.value(static_cast<std::size_t>(part.alpha)), column, linear.out, accumulate);
    column += part.out;
  }
  if (linear.bias >= 0) k_.add_bias(out, rows, linear.out, parameters_.value(static_cast<std::size_t>(linear.bias)));
}

template <typename S>
const std::uint8_t* Decoder<S>::input_widths(int layer, std::size_t row) {
  return !mixed() || layer == 0 ? nullptr : store_.layer(layer - 1).widths.data() + row;
}

template <typename S>
const std::uint8_t* Decoder<S>::own_widths(int layer, std::size_t row) {
  return mixed() ? store_.layer(layer).widths.data() + row : nullptr;
}

template <typename S>
void Decoder<S>::mlp_forward(Step&, const Rows& rows, int layer, Scratch& scratch) {
  const auto& c = a_.config;
  const Block& block = a_.blocks[static_cast<std::size_t>(layer)];
  LayerStore<S>& l = store_.layer(layer);
  const int h = c.hidden_size, m = c.intermediate_size, wide = block.expand.out;
  const S* middle = l.middle.data() + at(rows.row, h);
  S* in = l.mlp_in.data() + at(rows.row, h);
  norm_forward(block.mlp_norm, middle, rows.rows, in, l.mean2.data() + rows.row, l.inverse2.data() + rows.row);
  const std::uint8_t* eight = own_widths(layer, rows.row);
  S* expanded = l.expanded.data() + at(rows.row, wide);
  multiply_rounded(site(layer, Site::kGu), block.expand, in, rows.rows, eight, expanded, false, scratch);
  S* d = l.contract_in.data() + at(rows.row, m);
  if (a_.gpt2) {
    k_.gelu(expanded, at(static_cast<std::size_t>(rows.rows), m), d);
  } else {
    k_.swiglu(expanded, expanded + m, wide, rows.rows, m, d);
  }
  S* out = store_.input(layer + 1).data() + at(rows.row, h);
  std::copy_n(middle, at(static_cast<std::size_t>(rows.rows), h), out);
  multiply_rounded(site(layer, Site::kD), block.contract, d, rows.rows, eight, out, true, scratch);
}

template <typename S>
void Decoder<S>::head_forward(Step& step, const Rows& rows, Scratch& scratch) {
  const auto& c = a_.config;
  const int h = c.hidden_size;
  const auto vocab = static_cast<std::size_t>(c.vocab_size);
  S* in = store_.head_in.data() + at(rows.row, h);
  norm_forward(a_.final_norm, store_.input(c.layers).data() + at(rows.row, h), rows.rows, in,
               store_.head_mean.data() + rows.row, store_.head_inverse.data() + rows.row);
  S* logits = (step.outputs != nullptr ? step.outputs->logits : store_.logits).data() + rows.row * vocab;
  multiply_rounded(a_.head_input, a_.head, in, rows.rows, nullptr, logits, false, scratch);
  if (step.losses == nullptr) return;
  std::vector<const S*> teacher_rows(step.teachers != nullptr ? step.teachers->teachers.size() : 0);
  for (std::size_t r = 0; r < static_cast<std::size_t>(rows.rows); ++r) {
    const std::size_t row = rows.row + r;
    LossRow<S> loss;
    if (!step.batch->targets.empty()) {
      loss.target = step.batch->targets[row];
    } else if ((row + 1) % static_cast<std::size_t>(store_.length) != 0) {
      loss.target = step.batch->tokens[row + 1];
    }
    loss.ce_weight = step.ce_factor;
    loss.tau = step.losses->tau;
    loss.kl_weight = step.kl_factor;
    const bool counted = loss.target >= 0;
    if (!counted && (teacher_rows.empty() || step.losses->kl_reduction == KlReduction::kTargetMean)) {
      if (step.backward) std::fill_n(logits + r * vocab, vocab, S{0});
      continue;
    }
    if (!teacher_rows.empty()) {
      for (std::size_t t = 0; t < teacher_rows.size(); ++t)
        teacher_rows[t] = step.teachers->teachers[t]->logits.data() + row * vocab;
      loss.teacher = grown(scratch.target, vocab);
      loss.teacher_entropy = teacher_target(teacher_rows, step.teacher_weights, c.vocab_size, loss.tau,
                                            step.losses->teacher_mix, grown(scratch.mixing, vocab), scratch.target.data());
    }
    k_.loss_row(logits + r * vocab, c.vocab_size, step.backward, &loss);
    SequenceSums<S>& sums = sums_[row / static_cast<std::size_t>(store_.length)];
    sums.ce += loss.ce;
    sums.kl += loss.kl;
  }
}

template <typename S>
void Decoder<S>::decide_widths(const Step& step, const Rows& rows, int layer) {
  SequenceSums<S>& sums = sums_[static_cast<std::size_t>(rows.sequence)];  // integers: the order does not matter
  if (!mixed()) {
    if (quant_) {
      sums.decisions += rows.rows;
      sums.eight += quant_->widths.activations == model::Activations::k8 && quant_->activation_bits == 8 ? rows.rows : 0;
    }
    return;
  }
  LayerStore<S>& l = store_.layer(layer);
  const auto t = static_cast<std::size_t>(store_.length), heads = static_cast<std::size_t>(a_.config.heads);
  const std::vector<std::int32_t>& lengths = step.batch->lengths;
  std::vector<std::uint32_t> scores;
  for (std::size_t s = 0; s < static_cast<std::size_t>(rows.sequences); ++s) {
    const std::size_t sequence = static_cast<std::size_t>(rows.sequence) + s;
    const S* maps = l.probabilities.data() + sequence * heads * t * t;
    scores.resize(lengths.empty() ? t : static_cast<std::size_t>(lengths[sequence]));
    for (std::size_t i = 0; i < scores.size(); ++i) {
      scores[i] = 0;
      for (std::size_t h = 0; h < heads; ++h) {
        scores[i] += static_cast<std::uint32_t>(std::lround(static_cast<double>(maps[(h * t + i) * t]) * 65536.0));
      }
    }
    const std::vector<std::uint8_t> eight = reference::token_widths(quant_->widths, layer, scores);
    const auto first = l.widths.begin() + static_cast<std::ptrdiff_t>(rows.row + s * t);
    std::fill(std::copy(eight.begin(), eight.end(), first), first + static_cast<std::ptrdiff_t>(t), std::uint8_t{1});
    sums.eight += std::count(eight.begin(), eight.end(), 1);
    sums.decisions += static_cast<std::int64_t>(eight.size());
  }
}

}  // namespace squat::qat
