// SPDX-License-Identifier: Apache-2.0
// Products with VPMADDUBSW, which adds two products of an unsigned with a signed byte in 16 bits and saturates. Nothing here
// can saturate: 4-bit weights are 1..15 after a bias of 8, so eight sums of two products stay below 8 * 2 * 15 * 128 = 30720;
// with 8-bit weights the magnitude of the code is the unsigned operand, and one sum stays below 2 * 128 * 127 = 32512.
#include <immintrin.h>

#include "host/backends/cpu/instruction_sets.hpp"

namespace squat::backends::cpu {
namespace {

constexpr int kGroup = 4;
constexpr int kBlock = kLanes * kGroup;  ///< bytes of one group of columns in a block
constexpr int kHalf = 32;                ///< bytes of a vector: lanes 0-7 or 8-15
constexpr int kGroupsIn16Bits = 8;

std::size_t offset(int count, std::size_t stride) { return static_cast<std::size_t>(count) * stride; }

__m256i load(const std::uint8_t* p) { return _mm256_loadu_si256(reinterpret_cast<const __m256i*>(p)); }

/// Four codes of a token in every lane.
__m256i codes4(const std::int8_t* p) {
  std::int32_t four;
  __builtin_memcpy(&four, p, sizeof four);
  return _mm256_set1_epi32(four);
}

__m256i add(__m256i a, __m256i b) { return _mm256_add_epi32(a, b); }

/// Eight rows from `row` on, as far as they exist.
void store(const Product& p, int row, int token, __m256i sum, std::int32_t correction) {
  const int left = p.rows - row;
  if (left <= 0) return;
  sum = _mm256_sub_epi32(sum, _mm256_set1_epi32(correction));
  std::int32_t* out = p.out + offset(token, p.out_stride) + row;
  const __m256i mask = _mm256_cmpgt_epi32(_mm256_set1_epi32(left), _mm256_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7));
  if (p.bias != nullptr) sum = add(sum, _mm256_maskload_epi32(p.bias + row, mask));
  _mm256_maskstore_epi32(out, mask, sum);
}

/// Halves vectors of every block row with Tokens tokens.
template <int Tokens, int Halves>
void block4(const Product& p, const std::uint8_t* w, int row, int token) {
  const __m256i nibble = _mm256_set1_epi8(15), ones = _mm256_set1_epi16(1), zero = _mm256_setzero_si256();
  __m256i low[Tokens][Halves], high[Tokens][Halves];
  for (int t = 0; t < Tokens; ++t) {
    for (int h = 0; h < Halves; ++h) low[t][h] = high[t][h] = zero;
  }
  const std::int8_t* a = p.codes + offset(token, p.stride);
  for (int first = 0; first < p.groups; first += kGroupsIn16Bits) {
    const int last = first + kGroupsIn16Bits < p.groups ? first + kGroupsIn16Bits : p.groups;
    __m256i low16[Tokens][Halves], high16[Tokens][Halves];
    for (int t = 0; t < Tokens; ++t) {
      for (int h = 0; h < Halves; ++h) low16[t][h] = high16[t][h] = zero;
    }
    for (int g = first; g < last; ++g) {
      for (int h = 0; h < Halves; ++h) {
        const __m256i b = load(w + offset(g, kBlock) + h * kHalf);
        const __m256i l = _mm256_and_si256(b, nibble), u = _mm256_and_si256(_mm256_srli_epi16(b, 4), nibble);
        for (int t = 0; t < Tokens; ++t) {
          const __m256i code = codes4(a + offset(t, p.stride) + g * kGroup);
          low16[t][h] = _mm256_add_epi16(low16[t][h], _mm256_maddubs_epi16(l, code));
          high16[t][h] = _mm256_add_epi16(high16[t][h], _mm256_maddubs_epi16(u, code));
        }
      }
    }
    for (int t = 0; t < Tokens; ++t) {
      for (int h = 0; h < Halves; ++h) {
        low[t][h] = add(low[t][h], _mm256_madd_epi16(low16[t][h], ones));
        high[t][h] = add(high[t][h], _mm256_madd_epi16(high16[t][h], ones));
      }
    }
  }
  for (int t = 0; t < Tokens; ++t) {
    for (int h = 0; h < Halves; ++h) {
      const std::int32_t correction = 8 * p.sums[token + t];
      store(p, row + 8 * h, token + t, low[t][h], correction);
      store(p, row + kLanes + 8 * h, token + t, high[t][h], correction);
    }
  }
}

void product4(const Product& p) {
  for (int row = 0; row < p.rows; row += 2 * kLanes) {
    const std::uint8_t* w = p.weights + offset(row / (2 * kLanes), p.block_stride);
    int t = 0;
    for (; t + 4 <= p.tokens; t += 4) {
      block4<4, 1>(p, w, row, t);
      block4<4, 1>(p, w + kHalf, row + 8, t);
    }
    for (; t < p.tokens; ++t) block4<1, 2>(p, w, row, t);
  }
}

template <int Tokens>
void block8(const Product& p, const std::uint8_t* w, int row, int token) {
  const __m256i ones = _mm256_set1_epi16(1);
  __m256i sum[Tokens][2];
  for (auto& s : sum) s[0] = s[1] = _mm256_setzero_si256();
  const std::int8_t* a = p.codes + offset(token, p.stride);
  for (int g = 0; g < p.groups; ++g) {
    const __m256i b0 = load(w + offset(g, kBlock)), b1 = load(w + offset(g, kBlock) + kHalf);
    for (int t = 0; t < Tokens; ++t) {
      const __m256i code = codes4(a + offset(t, p.stride) + g * kGroup), magnitude = _mm256_abs_epi8(code);
      sum[t][0] = add(sum[t][0], _mm256_madd_epi16(_mm256_maddubs_epi16(magnitude, _mm256_sign_epi8(b0, code)), ones));
      sum[t][1] = add(sum[t][1], _mm256_madd_epi16(_mm256_maddubs_epi16(magnitude, _mm256_sign_epi8(b1, code)), ones));
    }
  }
  for (int t = 0; t < Tokens; ++t) {
    store(p, row, token + t, sum[t][0], 0);
    store(p, row + 8, token + t, sum[t][1], 0);
  }
}

void product8(const Product& p) {
  for (int row = 0; row < p.rows; row += kLanes) {
    const std::uint8_t* w = p.weights + offset(row / kLanes, p.block_stride);
    int t = 0;
    for (; t + 4 <= p.tokens; t += 4) block8<4>(p, w, row, t);
    for (; t < p.tokens; ++t) block8<1>(p, w, row, t);
  }
}

/// Probabilities reach 255, so products are formed in 16 bits.
void product_values(const Product& p) {
  for (int row = 0; row < p.rows; row += kLanes) {
    const std::uint8_t* w = p.weights + offset(row / kLanes, p.block_stride);
    for (int t = 0; t < p.tokens; ++t) {
      const std::int8_t* a = p.codes + offset(t, p.stride);
      __m256i sum[4];  // of four lanes each, in two halves
      for (auto& s : sum) s = _mm256_setzero_si256();
      for (int g = 0; g < p.groups; ++g) {
        std::int32_t four;
        __builtin_memcpy(&four, a + g * kGroup, sizeof four);
        const __m256i prob = _mm256_broadcastq_epi64(_mm_cvtepu8_epi16(_mm_cvtsi32_si128(four)));
        for (int i = 0; i < 4; ++i) {
          const __m128i bytes = _mm_loadu_si128(reinterpret_cast<const __m128i*>(w + offset(g, kBlock) + i * 16));
          sum[i] = add(sum[i], _mm256_madd_epi16(_mm256_cvtepi8_epi16(bytes), prob));
        }
      }
      // hadd leaves lanes 0 1 4 5 | 2 3 6 7.
      for (int i = 0; i < 2; ++i) {
        store(p, row + 8 * i, t, _mm256_permute4x64_epi64(_mm256_hadd_epi32(sum[2 * i], sum[2 * i + 1]), 0xd8), 0);
      }
    }
  }
}

/// The rest of x86-64-v3 came with these on every processor; Clang 14 does not know the level by name.
bool supported() {
  return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("bmi") && __builtin_cpu_supports("bmi2") &&
         __builtin_cpu_supports("fma");
}

}  // namespace

const KernelSet& kernels_avx2() {
  static constexpr KernelSet set = {
      "avx2",  "AVX2, BMI2 and FMA (x86-64-v3)", supported, kGroup, Pair4::kBiased, 0, 0, product4, product8, product_values,
      units_v3};
  return set;
}

}  // namespace squat::backends::cpu
