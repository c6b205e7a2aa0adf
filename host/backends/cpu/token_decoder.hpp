// SPDX-License-Identifier: Apache-2.0
// Decoding of one token by threads that meet two or three times a layer.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "host/backends/cpu/decoder_share.hpp"
#include "host/backends/cpu/packed_model.hpp"
#include "host/backends/cpu/thread_pool.hpp"

namespace squat::backends::cpu {

/// A share owns key-value heads with their queries, and a part of the MLP's inner channels. It computes those alone, from the
/// normed row to its part of the sums of the output and down projections: parts of rows of int32, which are exact whatever way
/// they are cut. Only those parts cross from thread to thread. Every share adds them up and norms the row for itself, since to
/// wait for one that does it for all takes longer. So a layer has the stages
///   attend  add the MLP's parts, norm, queries, keys, scores, probabilities;
///   weigh   widths of the layer, values, part of the output projection: the same stage where widths do not depend on scores;
///   mlp     add the attention's parts, norm, gate, up, activation, part of the down projection;
/// and after the layers come the final norm and the logits.
class TokenDecoder {
 public:
  TokenDecoder(const model::IntegerModel& model, const KernelSet& kernels, const PackedModel& packed, KvCache& cache,
               int shares);

  /// Whether the shares would be equal, whole columns of packed codes, and few enough that adding all their parts costs less
  /// than another stage.
  static bool pays(const model::ModelConfig& config, int shares);

  /// logits (vocab) of token `id` at `position`; eight_tokens (layers) counts 8-bit tokens per layer.
  void decode(ThreadPool& pool, int id, int position, std::vector<std::uint32_t>& eight_tokens, std::int32_t* logits);

 private:
  static constexpr int kMostShares = 4;

  struct Token {
    int id = 0, position = 0;
    const std::uint32_t* eight_before = nullptr;  ///< (layers)
    std::int32_t* logits = nullptr;
  };

  void do_stage(int stage, DecoderShare& share);
  void attend(int l, DecoderShare& share);
  void weigh(int l, DecoderShare& share);
  void mlp(int l, DecoderShare& share);
  void classify(DecoderShare& share);
  /// Rows first .. last-1 of w * codes + bias, somewhere in out: it has room for the whole of their blocks.
  const std::int32_t* rows_of(const PackedMatrix& w, const Codes& codes, int first, int last, std::int32_t* out) const;
  /// part (rows of w) = w * the codes from column `first` on, all others being 0, with the bias in the first share's.
  void part_of(const PackedMatrix& w, Codes& codes, int first, const DecoderShare& share, LineVector<std::int32_t>& part) const;
  /// The share's residual += the parts of all shares.
  void add_parts(DecoderShare& share, LineVector<std::int32_t> DecoderShare::*part, hls::Requant r) const;
  void norm(const model::IntNorm& n, bool eight_bit, DecoderShare& share) const;

  const model::IntegerModel& model_;
  const KernelSet& kernels_;
  const VectorUnits& units_;
  const PackedModel& packed_;
  KvCache& cache_;
  bool split_;  ///< attend and weigh are stages of their own
  std::vector<std::unique_ptr<DecoderShare>> shares_;
  LineVector<std::uint32_t> eight_after_;  ///< (layers), by share 0
  Token token_;
};

}  // namespace squat::backends::cpu
