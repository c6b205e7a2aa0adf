// SPDX-License-Identifier: Apache-2.0
// What an instruction set offers the CPU device: integer matrix products on weights packed for it, and the element-wise units.
// One table per instruction set; kernel_choice.hpp picks one at run time. All of them compute the same integers.
#pragma once

#include <cstddef>
#include <cstdint>

#include "host/backends/cpu/vector_units.hpp"

namespace squat::backends::cpu {

/// Byte lanes of a block. A block of a packed matrix holds, for every group of `group` columns, kLanes x group bytes: lane
/// outermost, column innermost. An 8-bit block is kLanes rows. A 4-bit block is 2 * kLanes rows: lane i holds rows i and
/// i + kLanes, see Pair4.
constexpr int kLanes = 16;

/// Columns of codes and of packed weights are padded to a multiple of this, with codes of 0.
constexpr int kColumnPad = 16;

/// How the two 4-bit weights of a lane, each -7..7, share a byte. "low" is row i, "high" row i + kLanes of the block.
enum class Pair4 : std::uint8_t {
  kBiased,   ///< (high + 8) * 16 + (low + 8), unsigned nibbles
  kSum,      ///< 16 * high + low as a signed byte: one multiplication gives 16 * S_high + S_low
  kNibbles,  ///< two's complement nibbles
};

/// out (tokens, rows) = codes (tokens, columns) * weights^T + bias, exact in int32.
struct Product {
  const std::uint8_t* weights = nullptr;  ///< first block
  std::size_t block_stride = 0;           ///< bytes from one block to the next
  int groups = 0;                         ///< groups of columns that are multiplied
  int rows = 0;                           ///< rows that are stored; the last block may be incomplete
  const std::int32_t* bias = nullptr;     ///< (rows) or nullptr
  const std::int8_t* codes = nullptr;     ///< (tokens, stride), readable up to groups * group columns
  std::size_t stride = 0;
  const std::int32_t* sums = nullptr;  ///< (tokens): sum of a token's codes
  int tokens = 0;
  bool four_bit = false;        ///< all codes are 8 * c with c in -8..7, which some kernels multiply faster
  std::int32_t* out = nullptr;  ///< (tokens, out_stride)
  std::size_t out_stride = 0;
};

struct KernelSet {
  const char* name;
  const char* needs;  ///< what the processor must have, for messages
  bool (*supported)();
  int group;                 ///< columns: a divisor of kColumnPad
  Pair4 pair4;               ///< of 4-bit weights
  std::uint8_t flip8;        ///< 0x80 or 0: xored into 8-bit weights and cached keys
  std::uint8_t flip_values;  ///< the same for cached values
  /// 4-bit and 8-bit weights. Codes are any int8, so tokens of 4 bits and of 8 bits mix freely.
  void (*product4)(const Product&);
  void (*product8)(const Product&);
  /// Attention values: weights are cached values (rows = channels, columns = positions), codes are unsigned probabilities.
  void (*product_values)(const Product&);
  const VectorUnits& (*units)();
};

}  // namespace squat::backends::cpu
