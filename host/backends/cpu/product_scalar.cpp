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

/// Products of 4-bit weights and codes are at most 8 * 128, so 31 of them fit 16 bits.
constexpr int kColumnsIn16Bits = 31;

void product4(const Product& p) {
  for (int row = 0; row < p.rows; row += 2 * kLanes) {
    for (int part = 0; part < kLanes; part += kWidth) {
      const std::uint8_t* w = p.weights + offset(row / (2 * kLanes), p.block_stride) + part;
      for (int t = 0; t < p.tokens; ++t) {
        const std::int8_t* a = p.codes + offset(t, p.stride);
        std::int32_t low_sum[kWidth] = {}, high_sum[kWidth] = {};
        for (int first = 0; first < p.groups; first += kColumnsIn16Bits) {
          Shorts low = {}, high = {};
          for (int c = first; c < std::min(first + kColumnsIn16Bits, p.groups); ++c) {
            const Shorts pair = __builtin_convertvector(load<Bytes>(w + offset(c, kLanes)), Shorts);
            low += ((pair & 15) - 8) * std::int16_t{a[c]};
            high += ((pair >> 4) - 8) * std::int16_t{a[c]};
          }
          add(low_sum, low);
          add(high_sum, high);
        }
        store(p, row + part, t, low_sum);
        store(p, row + part + kLanes, t, high_sum);
      }
    }
  }
}

/// Signed weights with signed or unsigned codes: a product fits 16 bits.
template <typename Code>
void product_bytes(const Product& p) {
  for (int row = 0; row < p.rows; row += kWidth) {
    const std::uint8_t* w = p.weights + offset(row / kLanes, p.block_stride) + row % kLanes;
    for (int t = 0; t < p.tokens; ++t) {
      const std::int8_t* a = p.codes + offset(t, p.stride);
      std::int32_t sum[kWidth] = {};
      for (int c = 0; c < p.groups; ++c) {
        add(sum,
            __builtin_convertvector(load<SignedBytes>(w + offset(c, kLanes)), Shorts) * std::int16_t{static_cast<Code>(a[c])});
      }
      store(p, row, t, sum);
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
                                    product_bytes<std::int8_t>,
                                    product_bytes<std::uint8_t>,
                                    units_baseline};
  return set;
}

}  // namespace squat::backends::cpu
