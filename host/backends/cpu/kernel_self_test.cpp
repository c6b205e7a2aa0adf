// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <vector>

#include "hls/gated.hpp"
#include "hls/softmax.hpp"
#include "host/backends/cpu/kernel_choice.hpp"
#include "host/backends/cpu/packed_matrix.hpp"

namespace squat::backends::cpu {
namespace {

constexpr int kRows = 43, kCols = 88, kTokens = 9;
constexpr int kStride = round_up(kCols, kColumnPad);

/// A short sequence without a library, the same everywhere: multiplier and increment of Numerical Recipes.
class Sequence {
 public:
  int next(int low, int high) {
    state_ = state_ * 1664525U + 1013904223U;
    return low + static_cast<int>((state_ >> 8) % static_cast<std::uint32_t>(high - low + 1));
  }

 private:
  std::uint32_t state_ = 1;
};

/// What a product must give: loops over the unpacked operands.
template <typename Code>
bool equals_loops(const model::WeightCodes& w, const std::vector<std::int8_t>& codes, const std::vector<std::int32_t>& out) {
  for (std::size_t t = 0; t < kTokens; ++t) {
    for (std::size_t r = 0; r < kRows; ++r) {
      std::int32_t sum = 0;
      for (std::size_t c = 0; c < kCols; ++c) sum += w[r * kCols + c] * static_cast<Code>(codes[t * kStride + c]);
      if (sum != out[t * kRows + r]) return false;
    }
  }
  return true;
}

bool products(const KernelSet& set, int bits, bool values) {
  Sequence draw;
  const int largest = bits == 4 ? 7 : 127;
  model::IntMatrix w;
  w.rows = kRows;
  w.cols = kCols;
  w.bits = bits;
  for (int i = 0; i < kRows * kCols; ++i) w.codes.push_back(static_cast<std::int8_t>(draw.next(-largest, largest)));
  KernelSet packing = set;
  if (values) packing.flip8 = set.flip_values;
  const PackedMatrix packed = pack(w, packing);
  std::vector<std::int8_t> codes(kTokens * kStride);  // zeros in the padding
  std::vector<std::int32_t> sums(kTokens), out(kTokens * kRows);
  for (std::size_t t = 0; t < kTokens; ++t) {
    for (std::size_t c = 0; c < kCols; ++c) {
      std::int8_t& code = codes[t * kStride + c];
      code = static_cast<std::int8_t>(draw.next(-128, 127));
      sums[t] += values ? static_cast<std::uint8_t>(code) : code;
    }
  }
  Product p = product_of(packed, 0, packed.blocks);
  p.codes = codes.data();
  p.stride = kStride;
  p.sums = sums.data();
  p.tokens = kTokens;
  p.out = out.data();
  p.out_stride = kRows;
  if (values) {
    set.product_values(p);
    return equals_loops<std::uint8_t>(w.codes, codes, out);
  }
  (bits == 4 ? set.product4 : set.product8)(p);
  return equals_loops<std::int8_t>(w.codes, codes, out);
}

bool units(const VectorUnits& u) {
  Sequence draw;
  constexpr int kCount = 77, kFrac = 9;
  const hls::Requant r{98765, 30}, fixed{70000, 25};
  std::vector<std::int32_t> gate(kCount), up(kCount);
  for (std::int32_t& v : gate) v = draw.next(-4000000, 4000000);
  for (std::int32_t& v : up) v = draw.next(-4000000, 4000000);
  std::vector<std::int8_t> code(kCount), expected(kCount);
  u.silu_mul(gate.data(), fixed, up.data(), fixed, kCount, kFrac, r, false, code.data());
  for (std::size_t i = 0; i < kCount; ++i) {
    expected[i] = hls::silu_mul(hls::requantize(gate[i], fixed, hls::kGateMin, hls::kGateMax),
                                hls::requantize(up[i], fixed, hls::kGateMin, hls::kGateMax), kFrac, r, false);
  }
  std::vector<std::uint8_t> prob(kCount), expected_prob(kCount);
  std::uint32_t wide0 = 0, expected_wide0 = 0;
  std::int32_t sum = 0;
  const hls::Requant score{100000, 31};
  u.softmax(gate.data(), kCount, score, prob.data(), wide0, sum);
  hls::softmax_row(gate.data(), kCount, score, expected_prob.data(), expected_wide0);
  return code == expected && prob == expected_prob && wide0 == expected_wide0;
}

}  // namespace

bool self_test(const KernelSet& set) {
  return products(set, 4, false) && products(set, 8, false) && products(set, 8, true) && units(set.units());
}

}  // namespace squat::backends::cpu
