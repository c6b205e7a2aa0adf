// SPDX-License-Identifier: Apache-2.0
#include "host/backends/cpu/packed_matrix.hpp"

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <new>
#include <vector>

namespace squat::backends::cpu {
namespace {

/// How a byte is made of two 4-bit weights: 16 * (high + bias) + ((low + bias) & mask).
struct PairForm {
  int bias, mask;
};

PairForm pair_form(Pair4 form) {
  switch (form) {
    case Pair4::kBiased:
      return {8, -1};
    case Pair4::kSum:
      return {0, -1};
    case Pair4::kNibbles:
      break;
  }
  return {0, 15};
}

/// Columns first .. last-1 of a row, with zeros behind them; all zeros for a row that does not exist.
void read_row(const model::IntMatrix& w, int row, int first, int last, std::vector<std::int8_t>& out) {
  std::fill(out.begin(), out.end(), std::int8_t{0});
  if (row >= w.rows) return;
  const std::int8_t* codes = w.codes.data() + static_cast<std::size_t>(row) * static_cast<std::size_t>(w.cols);
  std::copy(codes + first, codes + last, out.data());
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

PackedMatrix pack(const model::IntMatrix& w, const KernelSet& kernels) { return pack_columns(w, kernels, 0, w.cols); }

PackedMatrix pack_columns(const model::IntMatrix& w, const KernelSet& kernels, int first, int last) {
  PackedMatrix packed;
  packed.rows = w.rows;
  packed.cols = last - first;
  packed.bits = w.bits;
  packed.groups = round_up(packed.cols, kColumnPad) / kernels.group;
  packed.block_stride = static_cast<std::size_t>(packed.groups) * static_cast<std::size_t>(kLanes * kernels.group);
  const int rows = block_rows(w.bits);
  packed.blocks = (w.rows + rows - 1) / rows;
  packed.data = aligned_bytes(packed.bytes());
  packed.bias = w.bias.empty() ? nullptr : w.bias.data();
  const PairForm form = pair_form(kernels.pair4);
  const int group = kernels.group;
  std::vector<std::int8_t> low(static_cast<std::size_t>(packed.groups * group)), high(low.size());
  for (int b = 0; b < packed.blocks; ++b) {
    std::uint8_t* block = packed.data.get() + static_cast<std::size_t>(b) * packed.block_stride;
    for (int lane = 0; lane < kLanes; ++lane) {
      read_row(w, b * rows + lane, first, last, low);
      if (w.bits == 4) read_row(w, b * rows + lane + kLanes, first, last, high);
      const std::int8_t *l = low.data(), *h = high.data();
      for (int g = 0; g < packed.groups; ++g, l += group, h += group) {
        std::uint8_t* to = block + lane_offset(group, lane, g * group);
        for (int k = 0; k < group; ++k) {
          to[k] = static_cast<std::uint8_t>(w.bits == 4 ? 16 * (h[k] + form.bias) + ((l[k] + form.bias) & form.mask)
                                                        : static_cast<std::uint8_t>(l[k]) ^ kernels.flip8);
        }
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
