// SPDX-License-Identifier: Apache-2.0
// What one share of a decoded token owns. Nobody else writes here; the parts and the score are read by all.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "host/backends/cpu/cache_lines.hpp"
#include "host/backends/cpu/codes.hpp"
#include "host/backends/cpu/cpu_attention.hpp"
#include "host/backends/cpu/thread_pool.hpp"

namespace squat::backends::cpu {

struct alignas(kAlignment) DecoderShare {
  DecoderShare(const model::IntegerModel& m, const KernelSet& kernels, int number, int shares);

  /// The columns of the output projection that the share's heads feed.
  Share columns() const;

  int number;
  Share heads;           ///< of the key-value heads
  Share channels;        ///< of the MLP's inner channels: whole blocks of rows, except at the end
  int columns_per_head;  ///< of the output projection, per key-value head
  /// (layers): the share's columns of the output and down projections, packed once more, so that they are one stream: of blocks
  /// of whole rows it would read a part each, which processors do not read ahead. Empty if there is one share.
  std::vector<PackedMatrix> o, down;
  bool eight = true;
  LineVector<std::int32_t> residual, sums;              ///< (hidden)
  LineVector<std::int32_t> cos, sin;                    ///< (head_dim / 2)
  Codes codes;                                          ///< (hidden): the normed row
  Codes attended, inner;                                ///< whole rows, zero where other shares are
  LineVector<std::int32_t> q, k, v, weighed, gate, up;  ///< the share's rows, those of its blocks included
  const std::int32_t* value = nullptr;                  ///< in v: until the width is known
  LineVector<std::int8_t> cache_code;                   ///< (head_dim)
  AttentionPass attention;                              ///< of the share's heads
  alignas(kAlignment) std::uint32_t token_score = 0;    ///< sum over the share's heads
  LineVector<std::int32_t> attention_part, mlp_part;    ///< (hidden): of the output and down projections
};

}  // namespace squat::backends::cpu
