// SPDX-License-Identifier: Apache-2.0
// The cycle contract of mkmp_gemm: cycles for given sizes, equal to the iterations of the kernel's pipelined loop (its
// `cycles`) and to the count of the RTL's array (tests/rtl/hls_gemm_test.cpp).
#pragma once

#include "hls/kernels/shape.hpp"

namespace squat {
namespace hls {

/// A problem. tokens = eight + four.
struct GemmSize {
  int cols = 1;   ///< 1..kMaxCols
  int tiles = 1;  ///< tiles of 32 output channels
  int eight = 0, four = 0;
  bool four_bit = true;  ///< 4-bit weights
};

constexpr int ceil_div(int n, int d) { return (n + d - 1) / d; }

/// Steps of one pass: the columns, in whole blocks of eight.
constexpr int pass_steps(const GemmSize& g) { return ceil_div(g.cols, kExtractPeriod) * kExtractPeriod; }

/// Passes of a tile: G(eight) + ceil(G(four) / 2) with 4-bit weights, G(eight) + G(four) with 8-bit weights, G(n) = ceil(n/16);
/// one without tokens.
constexpr int tile_passes(const GemmSize& g) {
  const int groups4 = ceil_div(g.four, kRows);
  const int passes = ceil_div(g.eight, kRows) + (g.four_bit ? ceil_div(groups4, 2) : groups4);
  return passes == 0 ? 1 : passes;
}

/// Steps of all passes: what squat_gemm counts as mac_steps, and its time without stalls. For K a multiple of 8.
constexpr std::int64_t mkmp_gemm_steps(const GemmSize& g) {
  return static_cast<std::int64_t>(g.tiles) * tile_passes(g) * pass_steps(g);
}

/// Reads of the sums of pass i of a tile: two per token.
constexpr int pass_reads(const GemmSize& g, int i) {
  const int groups8 = ceil_div(g.eight, kRows);
  const bool in_pairs = g.four_bit && i >= groups8;
  const int all = i < groups8 ? g.eight : g.four;
  const int from = i < groups8 ? i * kRows : (i - groups8) * (in_pairs ? 2 * kRows : kRows);
  const int room = in_pairs ? 2 * kRows : kRows;
  return 2 * (all - from < room ? all - from : room);
}

/// Cycles from the first step to the last read of a sum. A pass starts right behind the one before, when its bank (of two) has
/// been read; its sums are read from kArrayLatency cycles after its last step on, one pass after another (a cycle at least). So
/// with pass_steps >= pass_reads + kArrayLatency - 1 there is no stall:
///   cycles = mkmp_gemm_steps + kArrayLatency - 1 + reads of the last pass.
constexpr std::int64_t mkmp_gemm_cycles(const GemmSize& g) {
  const int passes = tile_passes(g);
  std::int64_t free_at[2] = {0, 0};
  std::int64_t step = 0, read = 0;
  for (int tile = 0; tile < g.tiles; ++tile) {
    for (int i = 0; i < passes; ++i) {
      const int bank = (tile * passes + i) % 2;
      if (step < free_at[bank]) step = free_at[bank];
      step += pass_steps(g);
      const std::int64_t ready = step - 1 + kArrayLatency;
      const int reads = pass_reads(g, i);
      read = (read > ready ? read : ready) + (reads > 0 ? reads : 1);
      free_at[bank] = read;
    }
  }
  return read;
}

/// Cycles from the first step to the last requantised code: three in the requantiser.
constexpr std::int64_t mkmp_gemm_output_cycles(const GemmSize& g) { return mkmp_gemm_cycles(g) + 3; }

}  // namespace hls
}  // namespace squat
