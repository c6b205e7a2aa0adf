// SPDX-License-Identifier: Apache-2.0
#include "host/backends/cpu/packed_matrix.hpp"

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <new>

namespace squat::backends::cpu {
namespace {

std::uint8_t pair_byte(Pair4 form, int high, int low) {
  switch (form) {
    case Pair4::kBiased:
      return static_cast<std::uint8_t>((high + 8) * 16 + (low + 8));
    case Pair4::kSum:
      return static_cast<std::uint8_t>(16 * high + low);
    case Pair4::kNibbles:
      break;
  }
  return static_cast<std::uint8_t>(16 * high + (low & 15));
}

}  // namespace

void FreeAligned::operator()(void* p) const noexcept { std::free(p); }

AlignedArray<std::uint8_t> aligned_bytes(std::size_t size) {
  const std::size_t whole = std::max(kAlignment, (size + kAlignment - 1) / kAlignment * kAlignment);
  auto* p = static_cast<std::uint8_t*>(std::aligned_alloc(kAlignment, whole));
  if (p == nullptr) throw std::bad_alloc();
  std::memset(p, 0, whole);
  return AlignedArray<std::uint8_t>(p);
}

PackedMatrix pack(const model::IntMatrix& w, const KernelSet& kernels) {
  PackedMatrix packed;
  packed.rows = w.rows;
  packed.cols = w.cols;
  packed.bits = w.bits;
  packed.groups = round_up(w.cols, kColumnPad) / kernels.group;
  packed.block_stride = static_cast<std::size_t>(packed.groups) * static_cast<std::size_t>(kLanes * kernels.group);
  const int rows = block_rows(w.bits);
  packed.blocks = (w.rows + rows - 1) / rows;
  packed.data = aligned_bytes(packed.bytes());
  packed.bias = w.bias.empty() ? nullptr : w.bias.data();
  const auto code = [&](int row, int col) {
    if (row >= w.rows || col >= w.cols) return 0;
    return static_cast<int>(
        w.codes[static_cast<std::size_t>(row) * static_cast<std::size_t>(w.cols) + static_cast<std::size_t>(col)]);
  };
  for (int b = 0; b < packed.blocks; ++b) {
    std::uint8_t* block = packed.data.get() + static_cast<std::size_t>(b) * packed.block_stride;
    for (int lane = 0; lane < kLanes; ++lane) {
      const int row = b * rows + lane;
      for (int col = 0; col < packed.groups * kernels.group; ++col) {
        block[lane_offset(kernels.group, lane, col)] =
            w.bits == 4 ? pair_byte(kernels.pair4, code(row + kLanes, col), code(row, col))
                        : static_cast<std::uint8_t>(static_cast<std::uint8_t>(code(row, col)) ^ kernels.flip8);
      }
    }
  }
  return packed;
}

Product product_of(const PackedMatrix& w, int first_block, int last_block) {
  const int rows = block_rows(w.bits);
  Product p;
  p.weights = w.data.get() + static_cast<std::size_t>(first_block) * w.block_stride;
  p.block_stride = w.block_stride;
  p.groups = w.groups;
  p.rows = std::min(last_block * rows, w.rows) - first_block * rows;
  p.bias = w.bias == nullptr ? nullptr : w.bias + first_block * rows;
  return p;
}

}  // namespace squat::backends::cpu
