// SPDX-License-Identifier: Apache-2.0
#include "host/backends/cpu/cpu_attention.hpp"

#include <algorithm>

#include "hls/softmax.hpp"

namespace squat::backends::cpu {
namespace {

/// Positions of a full cache, padded.
int longest_row(const model::ModelConfig& config) {
  return round_up(std::min(config.max_positions, hls::kMaxKeys), kColumnPad);
}

}  // namespace

AttentionPass::AttentionPass(const model::ModelConfig& config, const KernelSet& kernels)
    : units_(kernels.units()),
      kernels_(kernels),
      heads_(config.heads),
      head_dim_(config.head_dim),
      padded_dim_(round_up(config.head_dim, kColumnPad)) {
  // Decoding makes the rows longer with every token; it shall not allocate.
  const std::size_t longest = static_cast<std::size_t>(heads_) * static_cast<std::size_t>(longest_row(config));
  scores_.reserve(longest);
  prob_.reserve(longest);
}

void AttentionPass::resize(int first, int tokens) {
  first_ = first;
  tokens_ = tokens;
  stride_ = static_cast<std::size_t>(round_up(first + tokens, kColumnPad));
  const std::size_t rows = at(heads_, 0);
  queries_.resize(rows * static_cast<std::size_t>(padded_dim_));  // grows with zeros; the padding is never written
  query_sums_.resize(rows);
  scores_.resize(rows * stride_);
  prob_.resize(rows * stride_);
  prob_sums_.resize(rows);
  wide0_.resize(rows);
}

void AttentionPass::attend(int head, const Product& keys, hls::Requant score) {
  for (int t = 0; t < tokens_; ++t) query_sums_[at(head, t)] = units_.sum(query(head, t), head_dim_);
  Product p = keys;
  p.codes = query(head, 0);
  p.stride = static_cast<std::size_t>(padded_dim_);
  p.sums = query_sums_.data() + at(head, 0);
  p.tokens = tokens_;
  p.out = scores_.data() + at(head, 0) * stride_;
  p.out_stride = stride_;
  kernels_.product8(p);
  for (int t = 0; t < tokens_; ++t) {
    const std::size_t row = at(head, t);
    const int visible = first_ + t + 1;
    std::uint8_t* prob = prob_.data() + row * stride_;
    units_.softmax(scores_.data() + row * stride_, visible, score, prob, wide0_[row], prob_sums_[row]);
    std::fill(prob + visible, prob + stride_, std::uint8_t{0});
  }
}

void AttentionPass::weigh(int head, const Product& values, std::int32_t* out, std::size_t stride) const {
  Product p = values;
  p.codes = reinterpret_cast<const std::int8_t*>(prob_.data() + at(head, 0) * stride_);
  p.stride = stride_;
  p.sums = prob_sums_.data() + at(head, 0);
  p.tokens = tokens_;
  p.out = out;
  p.out_stride = stride;
  kernels_.product_values(p);
}

void AttentionPass::add_token_scores(std::uint32_t* token_score) const {
  for (int t = 0; t < tokens_; ++t) {
    std::uint32_t sum = 0;
    for (int h = 0; h < heads_; ++h) sum += wide0_[at(h, t)];
    token_score[t] = sum;
  }
}

std::vector<std::int32_t> AttentionPass::scores() const {
  const std::size_t keys = static_cast<std::size_t>(first_ + tokens_);
  std::vector<std::int32_t> all(at(heads_, 0) * keys, 0);
  for (std::size_t row = 0; row < at(heads_, 0); ++row) {
    const std::size_t visible = static_cast<std::size_t>(first_) + row % static_cast<std::size_t>(tokens_) + 1;
    std::copy_n(scores_.begin() + static_cast<std::ptrdiff_t>(row * stride_), visible,
                all.begin() + static_cast<std::ptrdiff_t>(row * keys));
  }
  return all;
}

std::vector<std::int32_t> AttentionPass::probabilities() const {
  const std::size_t keys = static_cast<std::size_t>(first_ + tokens_);
  std::vector<std::int32_t> all;
  for (std::size_t row = 0; row < at(heads_, 0); ++row) {
    const auto from = prob_.begin() + static_cast<std::ptrdiff_t>(row * stride_);
    all.insert(all.end(), from, from + static_cast<std::ptrdiff_t>(keys));
  }
  return all;
}

}  // namespace squat::backends::cpu
