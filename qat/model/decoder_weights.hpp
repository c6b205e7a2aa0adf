// SPDX-License-Identifier: Apache-2.0
// Rounding of matrices before a step and their gradients after it, in blocks that no two tasks share. Included by decoder.cpp.
#pragma once

#include <algorithm>
#include <cmath>

#include "qat/model/decoder.hpp"
#include "qat/quant/scale_start.hpp"

namespace squat::qat {

/// Blocks of about 192 Ki elements, at least 16 rows: enough to pay for reading a layer's inputs again for each.
template <typename S>
void Decoder<S>::list_weight_tasks() {
  const auto add = [&](const Linear* linear, std::size_t part, int layer, WeightKind kind, int rows, int cols) {
    const int step = std::max(16, (196608 / std::max(1, cols) + 15) / 16 * 16);
    for (int first = 0; first < rows; first += step) {
      weight_tasks_.push_back({linear, part, layer, kind, first, std::min(rows, first + step)});
    }
  };
  const auto& c = a_.config;
  add(&a_.head, 0, 0, WeightKind::kHead, c.vocab_size, c.hidden_size);
  for (int l = c.layers - 1; l >= 0; --l) {
    const Block& b = a_.blocks[static_cast<std::size_t>(l)];
    const std::pair<const Linear*, WeightKind> linears[] = {{&b.contract, WeightKind::kContract},
                                                            {&b.expand, WeightKind::kExpand},
                                                            {&b.o, WeightKind::kO},
                                                            {&b.qkv, WeightKind::kQkv}};
    for (const auto& [linear, kind] : linears) {
      for (std::size_t p = 0; p < linear->parts.size(); ++p) {
        if (linear->in_major) {
          add(linear, p, l, kind, linear->in, linear->out);
        } else {
          add(linear, p, l, kind, linear->parts[p].out, linear->in);
        }
      }
    }
  }
  if (!c.tied) add(nullptr, 0, 0, WeightKind::kEmbedding, c.vocab_size, c.hidden_size);
  if (a_.positions >= 0) add(nullptr, 0, 0, WeightKind::kPositions, c.max_positions, c.hidden_size);
}

template <typename S>
Grid<S> Decoder<S>::weight_grid(const WeightPart& part) const {
  const int half = 1 << (part.bits - 1);
  Grid<S> grid;
  grid.scale = *parameters_.value(static_cast<std::size_t>(part.alpha));
  grid.lo = static_cast<S>(quant_->narrow_weights ? 1 - half : -half);
  grid.hi = static_cast<S>(half - 1);
  if (!(grid.scale > 0) || !std::isfinite(static_cast<double>(grid.scale))) {
    throw usage_error(parameters_.info(static_cast<std::size_t>(part.alpha)).name + ": expected a positive scale, found " +
                      std::to_string(static_cast<double>(grid.scale)) + "; start the scales, or lower their learning rate");
  }
  return grid;
}

template <typename S>
void Decoder<S>::round_weights() {
  if (!quant_) return;
  rounded_.resize(a_.matrix_elements);
  coded_.resize(parameters_.count());
  std::vector<const WeightPart*> parts;
  for (const WeightTask& task : weight_tasks_) {
    if (task.first != 0 || task.kind == WeightKind::kPositions) continue;
    const WeightPart& part = task.linear == nullptr ? a_.embedding : task.linear->parts[task.part];
    if (part.alpha >= 0) parts.push_back(&part);
  }
  workers_.run(static_cast<int>(parts.size()), [&](int task, int) {
    const WeightPart& part = *parts[static_cast<std::size_t>(task)];
    const ParameterInfo& info = parameters_.info(part.parameter);
    const int cols = static_cast<int>(info.shape[1]);
    if (quant_->weights_follow) {
      const int half = 1 << (part.bits - 1);
      *parameters_.value(static_cast<std::size_t>(part.alpha)) =
          static_cast<S>(start_scale(ScaleStart::kAbsMax, parameters_.values() + info.offset, info.size,
                                     quant_->narrow_weights ? 1 - half : -half, half - 1));
    }
    to_grid(part.alpha, parameters_.values() + info.offset, cols, static_cast<int>(info.shape[0]), cols, weight_grid(part),
            rounded_.data() + info.offset, cols);
    const bool in_major = a_.gpt2 && part.parameter != a_.embedding.parameter;
    if (k_.code_weights == nullptr || in_major) return;
    Coded& coded = coded_[part.parameter];
    coded.packed.resize(coded_size(static_cast<std::size_t>(info.shape[0]), static_cast<std::size_t>(cols)));
    coded.offsets.resize(static_cast<std::size_t>(info.shape[0]));
    k_.code_weights(parameters_.values() + info.offset, static_cast<int>(info.shape[0]), cols, weight_grid(part),
                    coded.packed.data(), coded.offsets.data());
  });
}

template <typename S>
void Decoder<S>::start_weights() {
  const auto start = [&](const WeightPart& part) {
    if (part.alpha < 0) return;
    const ParameterInfo& info = parameters_.info(part.parameter);
    const int half = 1 << (part.bits - 1);
    *parameters_.value(static_cast<std::size_t>(part.alpha)) = static_cast<S>(start_scale(
        quant_->start, parameters_.values() + info.offset, info.size, quant_->narrow_weights ? 1 - half : -half, half - 1));
  };
  start(a_.embedding);
  if (!a_.config.tied) start(a_.head.parts[0]);
  for (const Block& b : a_.blocks) {
    for (const Linear* x : {&b.qkv, &b.o, &b.expand, &b.contract}) {
      for (const WeightPart& part : x->parts) start(part);
    }
  }
}

template <typename S>
void Decoder<S>::order_tokens(const Batch& batch) {
  token_begin_.assign(static_cast<std::size_t>(a_.config.vocab_size) + 1, 0);
  for (const std::int32_t id : batch.tokens) ++token_begin_[static_cast<std::size_t>(id) + 1];
  for (std::size_t i = 1; i < token_begin_.size(); ++i) token_begin_[i] += token_begin_[i - 1];
  std::vector<std::int32_t> next(token_begin_.begin(), token_begin_.end() - 1);
  token_order_.resize(batch.tokens.size());
  for (std::size_t row = 0; row < batch.tokens.size(); ++row) {
    token_order_[static_cast<std::size_t>(next[static_cast<std::size_t>(batch.tokens[row])]++)] =
        static_cast<std::int32_t>(row);
  }
}

/// out (rows of the task, hidden) += gradients of the embedded tokens.
template <typename S>
void Decoder<S>::add_embedding_rows(const WeightTask& task, S* out) const {
  const auto width = static_cast<std::size_t>(a_.config.hidden_size);
  for (auto id = static_cast<std::size_t>(task.first); id < static_cast<std::size_t>(task.last); ++id) {
    for (std::int32_t i = token_begin_[id]; i < token_begin_[id + 1]; ++i) {
      const auto row = static_cast<std::size_t>(token_order_[static_cast<std::size_t>(i)]);
      k_.add_scaled(out + (id - static_cast<std::size_t>(task.first)) * width, store_.grad_residual.data() + row * width, width,
                    S{1});
    }
  }
}

/// Where a gradient is formed: in its place when nothing is there yet, else aside, to be added as a whole. So several batches
/// add up to the same bits as several ranks.
template <typename S>
S* Decoder<S>::gradient_place(std::size_t offset, std::size_t count, std::vector<S>& scratch) {
  return fresh_ ? parameters_.gradients() + offset : grown(scratch, count);
}

/// gradient: from gradient_place, of the rounded values when there is rounding; `count` elements from `offset`.
template <typename S>
void Decoder<S>::finish_weight_gradient(const WeightPart& part, std::size_t offset, std::size_t count, S* gradient,
                                        GridSums& sums) {
  if (part.alpha >= 0) {
    const auto n = static_cast<std::ptrdiff_t>(count);
    const int cols = 1024;
    for (std::ptrdiff_t from = 0; from < n; from += cols) {
      const int width = static_cast<int>(std::min<std::ptrdiff_t>(cols, n - from));
      to_grid_back(part.alpha, parameters_.values() + offset + from, width, gradient + from, width, 1, width, weight_grid(part),
                   gradient + from, width, false, &sums);
    }
  }
  if (gradient != parameters_.gradients() + offset) k_.add_scaled(parameters_.gradients() + offset, gradient, count, S{1});
}

/// An untied embedding: only the rows of tokens that occur.
template <typename S>
void Decoder<S>::sparse_embedding_gradient(const WeightTask& task, std::vector<S>& scratch, GridSums& sums) {
  const auto width = static_cast<std::size_t>(a_.config.hidden_size);
  const std::size_t offset = parameters_.info(a_.embedding.parameter).offset;
  WeightTask one = task;
  for (int id = task.first; id < task.last; ++id) {
    if (token_begin_[static_cast<std::size_t>(id)] == token_begin_[static_cast<std::size_t>(id) + 1]) continue;
    one.first = id;
    one.last = id + 1;
    const std::size_t at_row = offset + static_cast<std::size_t>(id) * width;
    S* gradient = gradient_place(at_row, width, scratch);
    std::fill_n(gradient, width, S{0});
    add_embedding_rows(one, gradient);
    finish_weight_gradient(a_.embedding, at_row, width, gradient, sums);
  }
}

template <typename S>
void Decoder<S>::position_gradient(const WeightTask& task, std::vector<S>& scratch) {
  const auto width = static_cast<std::size_t>(a_.config.hidden_size), t = static_cast<std::size_t>(store_.length);
  const std::size_t offset = parameters_.info(static_cast<std::size_t>(a_.positions)).offset;
  for (auto p = static_cast<std::size_t>(task.first); p < std::min(static_cast<std::size_t>(task.last), t); ++p) {
    S* gradient = gradient_place(offset + p * width, width, scratch);
    std::fill_n(gradient, width, S{0});
    for (std::size_t s = 0; s < static_cast<std::size_t>(store_.sequences); ++s) {
      k_.add_scaled(gradient, store_.grad_residual.data() + (s * t + p) * width, width, S{1});
    }
    if (!fresh_) k_.add_scaled(parameters_.gradients() + offset + p * width, gradient, width, S{1});
  }
}

/// One block of a matrix: the product over all rows of the batch of output gradients and inputs.
template <typename S>
void Decoder<S>::weight_gradient(const WeightTask& task, std::vector<S>& scratch, GridSums& sums) {
  if (task.kind == WeightKind::kPositions) {
    if (parameters_.info(static_cast<std::size_t>(a_.positions)).trainable) position_gradient(task, scratch);
    return;
  }
  const WeightPart& part = task.linear == nullptr ? a_.embedding : task.linear->parts[task.part];
  const ParameterInfo& info = parameters_.info(part.parameter);
  if (!info.trainable) return;
  if (task.kind == WeightKind::kEmbedding) {
    sparse_embedding_gradient(task, scratch, sums);
    return;
  }
  const Linear& x = *task.linear;
  const S *in = store_.head_in.data(), *out = store_.logits.data();
  if (task.kind != WeightKind::kHead) {
    const LayerStore<S>& l = store_.layer(task.layer);
    const bool qkv = task.kind == WeightKind::kQkv, o = task.kind == WeightKind::kO, expand = task.kind == WeightKind::kExpand;
    in = (qkv ? l.attention_in : o ? l.o_in : expand ? l.mlp_in : l.contract_in).data();
    out = (qkv ? l.qkv : o ? l.grad_o : expand ? l.expanded : l.grad_contract).data();
  }
  const int n = store_.sequences * store_.length, rows = task.last - task.first;
  const int cols = x.in_major ? x.out : x.in;
  const std::size_t offset = info.offset + static_cast<std::size_t>(task.first) * static_cast<std::size_t>(cols);
  const std::size_t count = static_cast<std::size_t>(rows) * static_cast<std::size_t>(cols);
  S* gradient = gradient_place(offset, count, scratch);
  if (x.in_major) {
    k_.gemm(true, false, rows, x.out, n, in + task.first, x.in, out, x.out, gradient, x.out, false);
  } else {
    std::ptrdiff_t column = task.first;
    for (std::size_t p = 0; p < task.part; ++p) column += x.parts[p].out;
    k_.gemm(true, false, rows, x.in, n, out + column, x.out, in, x.in, gradient, x.in, false);
  }
  if (task.kind == WeightKind::kHead && a_.config.tied) add_embedding_rows(task, gradient);
  finish_weight_gradient(part, offset, count, gradient, sums);
}

}  // namespace squat::qat
