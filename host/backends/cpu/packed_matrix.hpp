// SPDX-License-Identifier: Apache-2.0
// Weights in the order in which a kernel set reads them: one linear stream per matrix.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>

#include "host/backends/cpu/cache_lines.hpp"
#include "host/backends/cpu/kernel_set.hpp"
#include "host/model/integer_model.hpp"

namespace squat::backends::cpu {

/// n rounded up to a multiple of `step`.
constexpr int round_up(int n, int step) { return (n + step - 1) / step * step; }
/// A count, not negative, as an index.
constexpr std::size_t to_size(int n) { return static_cast<std::size_t>(n); }

/// Rows of a block: kLanes for 8 bits, 2 * kLanes for 4 bits.
constexpr int block_rows(int bits) { return bits == 4 ? 2 * kLanes : kLanes; }

/// Where lane `lane` and column `col` stand in a block.
constexpr std::size_t lane_offset(int group, int lane, int col) {
  return static_cast<std::size_t>(col / group) * static_cast<std::size_t>(kLanes * group) +
         static_cast<std::size_t>(lane * group + col % group);
}

struct FreeAligned {
  void operator()(void* p) const noexcept;
};
template <typename T>
using AlignedArray = std::unique_ptr<T[], FreeAligned>;

/// `size` zero bytes at a multiple of kAlignment. Throws std::bad_alloc.
AlignedArray<std::uint8_t> aligned_bytes(std::size_t size);

struct PackedMatrix {
  int rows = 0, cols = 0, bits = 8;
  int groups = 0;                ///< of columns, the padded ones included
  std::size_t block_stride = 0;  ///< bytes of a block
  int blocks = 0;
  AlignedArray<std::uint8_t> data;
  const std::int32_t* bias = nullptr;  ///< (rows) or nullptr; the model's

  std::size_t bytes() const { return static_cast<std::size_t>(blocks) * block_stride; }
};

/// Packs a matrix, which must outlive the result (for its bias). Its codes are narrow (-7..7 or -127..127), which the model's
/// reader checks.
PackedMatrix pack(const model::IntMatrix& w, const KernelSet& kernels);

/// The same of columns first .. last-1 alone.
PackedMatrix pack_columns(const model::IntMatrix& w, const KernelSet& kernels, int first, int last);

/// The product of blocks first .. last-1 with rows of codes; out points at the row of the matrix's first block.
Product product_of(const PackedMatrix& w, int first_block, int last_block);

}  // namespace squat::backends::cpu
