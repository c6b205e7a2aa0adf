// SPDX-License-Identifier: Apache-2.0
// Plain C++ products: for processors without vector instructions of their own, and what the other sets are tested at start
// with.
#include <algorithm>

#include "host/backends/cpu/instruction_sets.hpp"

namespace squat::backends::cpu {
namespace {

constexpr int kGroup = 1;  ///< lanes are neighbours, which any compiler vectorises

std::size_t offset(int count, std::size_t stride) { return static_cast<std::size_t>(count) * stride; }

// Eight lanes of a column: vectors of the compiler, so that every processor with 128-bit registers uses them.
constexpr int kWidth = 8;
using Bytes = std::uint8_t __attribute__((vector_size(kWidth)));
using SignedBytes = std::int8_t __attribute__((vector_size(kWidth)));
using Shorts = std::int16_t __attribute__((vector_size(2 * kWidth)));
using Ints = std::int32_t __attribute__((vector_size(4 * kWidth)));

template <typename Vector>
Vector load(const std::uint8_t* p) {
  Vector v;
  __builtin_memcpy(&v, p, sizeof v);
  return v;
}

void add(std::int32_t* sum, Shorts v) {
  for (int i = 0; i < kWidth; ++i) sum[i] += v[i];
}

/// Rows row .. row+kWidth-1, as far as they exist.
void store(const Product& p, int row, int token, const std::int32_t* sum) {
  std::int32_t* out = p.out + offset(token, p.out_stride) + row;
  for (int i = 0; i < std::min(kWidth, p.rows - row); ++i) out[i] = sum[i] + (p.bias == nullptr ? 0 : p.bias[row + i]);
}

/// Nibbles are 1..15 after a bias of 8, which the sum of a token's codes takes off at the end; products are at most 15 * 128,
/// so 17 of them fit 16 bits.
constexpr int kColumnsIn16Bits = 17;
constexpr int kParts = kLanes / kWidth;  ///< all lanes of a column share its code

void product4(const Product& p) {
  for (int row = 0; row < p.rows; row += 2 * kLanes) {
    const std::uint8_t* w = p.weights + offset(row / (2 * kLanes), p.block_stride);
    for (int t = 0; t < p.tokens; ++t) {
      const std::int8_t* a = p.codes + offset(t, p.stride);
      std::int32_t low_sum[kLanes], high_sum[kLanes];
      std::fill_n(low_sum, kLanes, -8 * p.sums[t]);
      std::fill_n(high_sum, kLanes, -8 * p.sums[t]);
      for (int first = 0; first < p.groups; first += kColumnsIn16Bits) {
        Shorts low[kParts] = {}, high[kParts] = {};
        for (int c = first; c < std::min(first + kColumnsIn16Bits, p.groups); ++c) {
          for (int part = 0; part < kParts; ++part) {
            const Shorts pair = __builtin_convertvector(load<Bytes>(w + offset(c, kLanes) + part * kWidth), Shorts);
            low[part] += (pair & 15) * std::int16_t{a[c]};
            high[part] += (pair >> 4) * std::int16_t{a[c]};
          }
        }
        for (int part = 0; part < kParts; ++part) {
          add(low_sum + part * kWidth, low[part]);
          add(high_sum + part * kWidth, high[part]);
        }
      }
      for (int part = 0; part < kLanes; part += kWidth) {
        store(p, row + part, t, low_sum + part);
        store(p, row + part + kLanes, t, high_sum + part);
      }
    }
  }
}

/// Signed weights, -127..127, with signed or unsigned codes: kColumns products fit 16 bits.
template <typename Code, int kColumns>
void product_bytes(const Product& p) {
  for (int row = 0; row < p.rows; row += kWidth) {
    const std::uint8_t* w = p.weights + offset(row / kLanes, p.block_stride) + row % kLanes;
    for (int t = 0; t < p.tokens; ++t) {
      const std::int8_t* a = p.codes + offset(t, p.stride);
      Ints sum = {};
      for (int c = 0; c < p.groups; c += kColumns) {  // groups are padded to an even number
        Shorts products = {};
        for (int i = 0; i < kColumns; ++i) {
          products += __builtin_convertvector(load<SignedBytes>(w + offset(c + i, kLanes)), Shorts) *
                      std::int16_t{static_cast<Code>(a[c + i])};
        }
        sum += __builtin_convertvector(products, Ints);
      }
      std::int32_t rows[kWidth];
      __builtin_memcpy(rows, &sum, sizeof rows);
      store(p, row, t, rows);
    }
  }
}

bool always() { return true; }

}  // namespace

const KernelSet& kernels_scalar() {
  static constexpr KernelSet set = {"scalar",
                                    "nothing",
                                    always,
                                    kGroup,
                                    Pair4::kBiased,
                                    0,
                                    0,
                                    product4,
                                    product_bytes<std::int8_t, 2>,
                                    product_bytes<std::uint8_t, 1>,
                                    units_baseline};
  return set;
}

}  // namespace squat::backends::cpu
