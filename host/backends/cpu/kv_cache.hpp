// SPDX-License-Identifier: Apache-2.0
// The key-value cache as packed matrices, so that attention products are the matrix products of the kernel set. Per layer and
// key-value head: keys (rows = positions, columns = channels), values (rows = channels, columns = positions).
#pragma once

#include <cstdint>
#include <vector>

#include "host/backends/cpu/packed_matrix.hpp"

namespace squat::backends::cpu {

class KvCache {
 public:
  KvCache(const model::ModelConfig& config, const KernelSet& kernels);

  /// Codes (head_dim) of one head at one position. Narrow, see hls::kAttentionMin.
  void store_key(int layer, int head, int position, const std::int8_t* codes);
  void store_value(int layer, int head, int position, const std::int8_t* codes);
  void read_key(int layer, int head, int position, std::int8_t* codes) const;
  void read_value(int layer, int head, int position, std::int8_t* codes) const;

  /// keys of positions 0 .. positions-1 times queries; the caller adds queries (head_dim each, padded to a multiple of
  /// kColumnPad) and results.
  Product keys(int layer, int head, int positions) const;
  /// values of positions 0 .. positions-1 times probabilities, which are readable and 0 up to a multiple of kColumnPad.
  Product values(int layer, int head, int positions) const;

 private:
  std::uint8_t* head(const std::vector<AlignedArray<std::uint8_t>>& half, int layer, int head, std::size_t size) const;
  std::size_t key_offset(int position, int channel) const;
  std::size_t value_offset(int position, int channel) const;

  int group_, head_dim_, padded_dim_;
  int capacity_;                       ///< positions, a multiple of kLanes
  std::size_t key_head_, value_head_;  ///< bytes per head
  std::uint8_t flip_keys_, flip_values_;
  std::vector<AlignedArray<std::uint8_t>> keys_, values_;  ///< per layer
};

}  // namespace squat::backends::cpu
