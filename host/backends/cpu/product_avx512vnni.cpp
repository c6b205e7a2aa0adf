// SPDX-License-Identifier: Apache-2.0
// Products with VPDPBUSD, 64 products of unsigned with signed bytes an instruction. Weights are stored with a bias that makes
// them unsigned; bias * (sum of the codes) is subtracted at the end. A pair of 4-bit rows is one byte b = 16 * h + l: the sums
// of b * a and of l * a give both rows, so that only one AND unpacks 128 weights. Sums wrap modulo 2^32, results do not.
#include <immintrin.h>

#include "host/backends/cpu/instruction_sets.hpp"

namespace squat::backends::cpu {
namespace {

constexpr int kGroup = 4;
constexpr std::size_t kVector = 64;

std::size_t offset(int count, std::size_t stride) { return static_cast<std::size_t>(count) * stride; }

__m512i load(const std::uint8_t* p) { return _mm512_loadu_si512(p); }

/// Four codes of a token in every lane.
__m512i codes4(const std::int8_t* p) {
  std::int32_t four;
  __builtin_memcpy(&four, p, sizeof four);
  return _mm512_set1_epi32(four);
}

/// sum - correction + bias of rows row .. row+15, as far as they exist.
void store(const Product& p, int row, int token, __m512i sum, std::int32_t correction) {
  const int left = p.rows - row;
  if (left <= 0) return;
  const __mmask16 mask = left >= kLanes ? static_cast<__mmask16>(0xffff) : static_cast<__mmask16>((1U << left) - 1);
  sum = _mm512_sub_epi32(sum, _mm512_set1_epi32(correction));
  if (p.bias != nullptr) sum = _mm512_add_epi32(sum, _mm512_maskz_loadu_epi32(mask, p.bias + row));
  _mm512_mask_storeu_epi32(p.out + offset(token, p.out_stride) + row, mask, sum);
}

/// One block with Tokens tokens. Unroll groups are summed apart, to keep more independent sums than the latency needs.
template <int Tokens, int Unroll>
void block4(const Product& p, const std::uint8_t* w, int row, int token) {
  const __m512i low_nibbles = _mm512_set1_epi8(15);
  __m512i both[Tokens][Unroll], low[Tokens][Unroll];
  for (int t = 0; t < Tokens; ++t) {
    for (int u = 0; u < Unroll; ++u) both[t][u] = low[t][u] = _mm512_setzero_si512();
  }
  const std::int8_t* a = p.codes + offset(token, p.stride);
  const auto step = [&](int g, int u) __attribute__((always_inline)) {
    const __m512i b = load(w + offset(g, kVector)), l = _mm512_and_si512(b, low_nibbles);
    for (int t = 0; t < Tokens; ++t) {
      const __m512i code = codes4(a + offset(t, p.stride) + g * kGroup);
      both[t][u] = _mm512_dpbusd_epi32(both[t][u], b, code);
      low[t][u] = _mm512_dpbusd_epi32(low[t][u], l, code);
    }
  };
  int g = 0;
  for (; g + Unroll <= p.groups; g += Unroll) {
    for (int u = 0; u < Unroll; ++u) step(g + u, u);
  }
  for (; g < p.groups; ++g) step(g, 0);
  for (int t = 0; t < Tokens; ++t) {
    for (int u = 1; u < Unroll; ++u) {
      both[t][0] = _mm512_add_epi32(both[t][0], both[t][u]);
      low[t][0] = _mm512_add_epi32(low[t][0], low[t][u]);
    }
    const std::int32_t correction = 8 * p.sums[token + t];
    store(p, row, token + t, low[t][0], correction);
    store(p, row + kLanes, token + t, _mm512_srai_epi32(_mm512_sub_epi32(both[t][0], low[t][0]), 4), correction);
  }
}

/// The same for 8-bit weights. Signed weights: the codes are the unsigned operand, and nothing is corrected.
template <int Tokens, int Unroll, bool kSignedWeights>
void block8(const Product& p, const std::uint8_t* w, int row, int token) {
  __m512i sum[Tokens][Unroll];
  for (int t = 0; t < Tokens; ++t) {
    for (int u = 0; u < Unroll; ++u) sum[t][u] = _mm512_setzero_si512();
  }
  const std::int8_t* a = p.codes + offset(token, p.stride);
  const auto step = [&](int g, int u) __attribute__((always_inline)) {
    const __m512i b = load(w + offset(g, kVector));
    for (int t = 0; t < Tokens; ++t) {
      const __m512i code = codes4(a + offset(t, p.stride) + g * kGroup);
      sum[t][u] = kSignedWeights ? _mm512_dpbusd_epi32(sum[t][u], code, b) : _mm512_dpbusd_epi32(sum[t][u], b, code);
    }
  };
  int g = 0;
  for (; g + Unroll <= p.groups; g += Unroll) {
    for (int u = 0; u < Unroll; ++u) step(g + u, u);
  }
  for (; g < p.groups; ++g) step(g, 0);
  for (int t = 0; t < Tokens; ++t) {
    for (int u = 1; u < Unroll; ++u) sum[t][0] = _mm512_add_epi32(sum[t][0], sum[t][u]);
    store(p, row, token + t, sum[t][0], kSignedWeights ? 0 : 128 * p.sums[token + t]);
  }
}

void product4(const Product& p) {
  for (int row = 0; row < p.rows; row += 2 * kLanes) {
    const std::uint8_t* w = p.weights + offset(row / (2 * kLanes), p.block_stride);
    int t = 0;
    for (; t + 8 <= p.tokens; t += 8) block4<8, 1>(p, w, row, t);
    for (; t < p.tokens; ++t) block4<1, 4>(p, w, row, t);
  }
}

template <bool kSignedWeights>
void product_bytes(const Product& p) {
  for (int row = 0; row < p.rows; row += kLanes) {
    const std::uint8_t* w = p.weights + offset(row / kLanes, p.block_stride);
    int t = 0;
    for (; t + 8 <= p.tokens; t += 8) block8<8, 2, kSignedWeights>(p, w, row, t);
    for (; t < p.tokens; ++t) block8<1, 8, kSignedWeights>(p, w, row, t);
  }
}

bool supported() {
  return __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512bw") &&
         __builtin_cpu_supports("avx512vl") && __builtin_cpu_supports("avx512cd") && __builtin_cpu_supports("avx512vnni");
}

}  // namespace

const KernelSet& kernels_avx512vnni() {
  static constexpr KernelSet set = {"avx512vnni",
                                    "AVX-512 F, BW, CD, DQ, VL and VNNI",
                                    supported,
                                    kGroup,
                                    Pair4::kBiased,
                                    0x80,
                                    0,
                                    product4,
                                    product_bytes<false>,
                                    product_bytes<true>,
                                    units_v4};
  return set;
}

}  // namespace squat::backends::cpu
