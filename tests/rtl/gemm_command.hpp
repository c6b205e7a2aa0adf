// SPDX-License-Identifier: Apache-2.0
// Commands of the matrix unit as its bench sees them. SQUAT_GEMM_BLOCKS: blocks of 16 columns of the unit under test,
// SQUAT_GEMM_AXI_BITS: width of its read ports.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>

#include "hw/gen/squat_spec.hpp"

namespace squat::test {

inline constexpr std::uint32_t kDepth = 32768, kRing = spec::kSimRingDepth, kUnits = 1U << 16;

#ifdef SQUAT_GEMM_BLOCKS
inline constexpr std::uint32_t kBlocks = SQUAT_GEMM_BLOCKS;
#else
inline constexpr std::uint32_t kBlocks = 1;
#endif
#ifdef SQUAT_GEMM_AXI_BITS
inline constexpr std::uint32_t kBeatWords = SQUAT_GEMM_AXI_BITS / 128;
#else
inline constexpr std::uint32_t kBeatWords = 1;
#endif

inline std::uint32_t round_up(std::uint32_t v, std::uint32_t to) { return (v + to - 1) / to * to; }

/// Fields that post-processing uses and the sequencer checks.
struct PostFields {
  std::uint32_t operation = spec::kPostRaw, log2_head_dim = 6, frac = 9, s0 = 1, s1 = 1, s2 = 1, bias = 0, bias_base = 0;
};

/// A gemm command with the load that feeds it; fields as in docs/reference/spec.md.
struct Gemm {
  bool grouped = false, banded = false;
  std::uint32_t causal = 0, mode = 0, tokens = 1, n8 = 1, table = 0, first_position = 0, k = 8, tiles = 1, base = 0, stride = 8;
  std::uint32_t wide = 0;  // tiles multiplied at once, less one
  // Weights: words of tile t, slice s from offset + s*bank_stride + t*tile_stride, through port (s + t % (load_wide() + 1))
  // % 4.
  bool kv = false;
  std::uint32_t offset = 0, bank_stride = 0, tile_stride = 0;
  std::uint32_t field_k = 0, field_ks = 0;  // 0: k and k/4
  std::optional<PostFields> post;           // nothing: random legal ones

  std::uint32_t ks() const { return k / 4; }
  std::uint32_t words() const { return mode == 0 ? ks() : 2 * ks(); }
  /// Banded tiles have every slice in its own bank.
  std::uint32_t load_wide() const { return banded ? 0 : wide; }
  /// Tiles that a pass can multiply.
  std::uint32_t most() const {
    return banded ? std::min(kBlocks, mode == 0 || kBeatWords == 1 ? kBeatWords : kBeatWords / 2) : kBlocks;
  }
  /// Tiles of the pass that begins with tile `first`.
  std::uint32_t together(std::uint32_t first) const { return std::min(wide + 1, tiles - first); }
  bool split() const { return grouped && !banded; }
  std::uint32_t first4() const { return round_up(n8, 16); }
  std::uint32_t slots() const { return split() ? (n8 < tokens ? first4() + tokens - n8 : n8) : tokens; }
  std::uint32_t slot(std::uint32_t token) const {
    return split() && token >= n8 ? first4() + token - n8 : token;
  }  // 8-bit tokens first
  bool four_bit(std::uint32_t token) const { return split() && mode == 0 && token >= n8; }
};

/// One pass as post must see it: `count` tiles from `tile` on.
struct Job {
  std::size_t command;
  std::uint32_t tile, count, group;
  bool pair, last;
  std::uint32_t steps;
};

}  // namespace squat::test
