// SPDX-License-Identifier: Apache-2.0
// Causal attention of the CPU device, one key-value head with its queries at a time, so that threads share heads.
#pragma once

#include <cstdint>
#include <vector>

#include "host/backends/cpu/kv_cache.hpp"

namespace squat::backends::cpu {

/// Queries, scores and probabilities of one pass: T tokens at positions first .. first+T-1, L = first + T.
class AttentionPass {
 public:
  AttentionPass(const model::ModelConfig& config, const KernelSet& kernels);

  void resize(int first, int tokens);

  /// Where the codes of a query go: padded_dim of them, zeros beyond head_dim.
  std::int8_t* query(int head, int token) { return queries_.data() + at(head, token) * static_cast<std::size_t>(padded_dim_); }
  const std::int8_t* query(int head, int token) const { return const_cast<AttentionPass*>(this)->query(head, token); }

  /// Scores and probabilities of a query head, once its queries and all keys are stored.
  void attend(int head, const Product& keys, hls::Requant score);

  /// Probabilities * values of a query head, for all tokens: (T, stride), to out.
  void weigh(int head, const Product& values, std::int32_t* out, std::size_t stride) const;

  /// token_score (T): sum over heads of the wide probability of key 0.
  void add_token_scores(std::uint32_t* token_score) const;

  /// (heads, T, L) without padding, 0 after the token: for taps.
  std::vector<std::int32_t> scores() const;
  std::vector<std::int32_t> probabilities() const;

 private:
  std::size_t at(int head, int token) const {
    return static_cast<std::size_t>(head) * static_cast<std::size_t>(tokens_) + static_cast<std::size_t>(token);
  }

  const VectorUnits& units_;
  const KernelSet& kernels_;
  int heads_, head_dim_, padded_dim_;
  int first_ = 0, tokens_ = 0;
  std::size_t stride_ = 0;               ///< of scores and probabilities
  LineVector<std::int8_t> queries_;      ///< (heads, T, padded_dim)
  LineVector<std::int32_t> query_sums_;  ///< (heads, T)
  LineVector<std::int32_t> scores_;      ///< (heads, T, stride)
  LineVector<std::uint8_t> prob_;        ///< (heads, T, stride), 0 after the token
  LineVector<std::int32_t> prob_sums_;   ///< (heads, T)
  LineVector<std::uint32_t> wide0_;      ///< (heads, T)
};

}  // namespace squat::backends::cpu
