// SPDX-License-Identifier: Apache-2.0
// Products with SMMLA: two rows times two tokens over eight columns, 32 products an instruction. Pairs of 4-bit rows share a
// byte as in product_dotprod.cpp. Single tokens use SDOT on the same layout.
#include <sys/auxv.h>

#include "host/backends/cpu/instruction_sets.hpp"
#include "host/backends/cpu/neon_store.hpp"

namespace squat::backends::cpu {
namespace {

constexpr int kGroup = 8;
constexpr int kGroupBytes = kLanes * kGroup;
constexpr int kVectors = kGroupBytes / 16;  ///< of a group: two lanes each
constexpr int kTokens = 8;                  ///< of a tile
constexpr int kPairs = kTokens / 2;
constexpr int kChunk = 1024;  ///< columns whose codes are paired at a time

std::size_t offset(int count, std::size_t stride) { return static_cast<std::size_t>(count) * stride; }

int8x16_t load(const std::uint8_t* p) { return vreinterpretq_s8_u8(vld1q_u8(p)); }
int8x16x4_t load4(const std::uint8_t* p) { return vld1q_s8_x4(reinterpret_cast<const std::int8_t*>(p)); }

// The loops below must be unrolled for their sums to stay in registers.
#define SQUAT_UNROLL _Pragma("GCC unroll 16")

/// Four rows of a token that may not exist, with their bias, or added to what an earlier chunk of columns left.
__attribute__((noinline)) void put_checked(const Product& p, int row, int token, int32x4_t sum, bool add) {
  if (token >= p.tokens) return;
  if (!add) return store_checked(p, row, token, sum);
  std::int32_t* out = p.out + offset(token, p.out_stride) + row;
  std::int32_t part[4];
  vst1q_s32(part, sum);
  for (int i = 0; i < 4 && row + i < p.rows; ++i) out[i] += part[i];
}

/// Four rows of a token, without checks if `plain`.
inline __attribute__((always_inline)) void put4(const Product& p, int row, int token, int32x4_t sum, bool plain, bool add) {
  if (__builtin_expect(plain, 1)) {
    vst1q_s32(p.out + offset(token, p.out_stride) + row, sum);
  } else {
    put_checked(p, row, token, sum, add);
  }
}

void gemv_w4a8_dot(const Product& p, int token) {
  const std::int8_t* a = p.codes + offset(token, p.stride);
  for (int row = 0; row < p.rows; row += 2 * kLanes) {
    const std::uint8_t* w = p.weights + offset(row / (2 * kLanes), p.block_stride);
    int32x4_t both[kVectors], low[kVectors];
    SQUAT_UNROLL
    for (int v = 0; v < kVectors; ++v) both[v] = low[v] = vdupq_n_s32(0);
    for (int g = 0; g < p.groups; g += 2, w += 2 * kGroupBytes) {  // columns are padded to two groups
      SQUAT_UNROLL
      for (int j = 0; j < 2; ++j) {
        const int8x16_t code = vreinterpretq_s8_s64(vld1q_dup_s64(reinterpret_cast<const std::int64_t*>(a + (g + j) * kGroup)));
        const int8x16x4_t b[2] = {load4(w + j * kGroupBytes), load4(w + j * kGroupBytes + 64)};
        SQUAT_UNROLL
        for (int v = 0; v < kVectors; ++v) {
          both[v] = vdotq_s32(both[v], b[v / 4].val[v % 4], code);
          low[v] = vdotq_s32(low[v], vshlq_n_s8(b[v / 4].val[v % 4], 4), code);
        }
      }
    }
    const bool plain = plain_rows(p, row, 2 * kLanes);
    SQUAT_UNROLL
    for (int v = 0; v < kVectors; v += 2) {  // four lanes
      const int32x4_t l = vshrq_n_s32(vpaddq_s32(low[v], low[v + 1]), 4);
      store4(p, row + 2 * v, token, l, plain);
      store4(p, row + 2 * v + kLanes, token, vshrq_n_s32(vsubq_s32(vpaddq_s32(both[v], both[v + 1]), l), 4), plain);
    }
  }
}

template <bool kUnsigned>
void gemv_bytes_dot(const Product& p, int token) {
  const std::int8_t* a = p.codes + offset(token, p.stride);
  for (int row = 0; row < p.rows; row += kLanes) {
    const std::uint8_t* w = p.weights + offset(row / kLanes, p.block_stride);
    int32x4_t sum[kVectors];
    for (auto& s : sum) s = vdupq_n_s32(0);
    for (int g = 0; g < p.groups; ++g, w += kGroupBytes) {
      const int8x16_t code = vreinterpretq_s8_s64(vld1q_dup_s64(reinterpret_cast<const std::int64_t*>(a + g * kGroup)));
      const int8x16x4_t all[2] = {load4(w), load4(w + 64)};
      SQUAT_UNROLL
      for (int v = 0; v < kVectors; ++v) {
        const int8x16_t b = all[v / 4].val[v % 4];
        sum[v] = kUnsigned ? vreinterpretq_s32_u32(
                                 vdotq_u32(vreinterpretq_u32_s32(sum[v]), vreinterpretq_u8_s8(b), vreinterpretq_u8_s8(code)))
                           : vdotq_s32(sum[v], b, code);
      }
    }
    const bool plain = plain_rows(p, row, kLanes);
    const int32x4_t correction = vdupq_n_s32(kUnsigned ? 128 * p.sums[token] : 0);
    SQUAT_UNROLL
    for (int v = 0; v < kVectors; v += 2) {
      store4(p, row + 2 * v, token, vsubq_s32(vpaddq_s32(sum[v], sum[v + 1]), correction), plain);
    }
  }
}

/// Codes of kTokens tokens and one chunk of columns: per group, pair and token 8 bytes. Absent tokens are zero.
struct Paired {
  alignas(16) std::int8_t codes[kChunk * kTokens];

  void fill(const Product& p, int token, int first_group, int groups) {
    for (int t = 0; t < kTokens; ++t) {
      const std::int8_t* a = p.codes + offset(token + t, p.stride) + first_group * kGroup;
      const bool present = token + t < p.tokens;
      for (int g = 0; g < groups; ++g) {
        const int8x8_t eight = present ? vld1_s8(a + g * kGroup) : vdup_n_s8(0);
        vst1_s8(codes + (g * kTokens + t) * kGroup, eight);
      }
    }
  }
};

/// The four lanes of the first or the second token of a pair.
int32x4_t first_of(const int32x4_t* v) {
  return vreinterpretq_s32_s64(vzip1q_s64(vreinterpretq_s64_s32(v[0]), vreinterpretq_s64_s32(v[1])));
}
int32x4_t second_of(const int32x4_t* v) {
  return vreinterpretq_s32_s64(vzip2q_s64(vreinterpretq_s64_s32(v[0]), vreinterpretq_s64_s32(v[1])));
}

/// Four lanes (two vectors) x kTokens of 4-bit weights. w: the lanes' bytes in the first group.
void gemm_w4a8_smmla(const Product& p, const std::uint8_t* w, const Paired& paired, int groups, int row, int token, bool add) {
  int32x4_t both[kPairs][2], low[kPairs][2];
  SQUAT_UNROLL
  for (int i = 0; i < kPairs; ++i) {
    SQUAT_UNROLL
    for (int v = 0; v < 2; ++v) both[i][v] = low[i][v] = vdupq_n_s32(0);
  }
  const std::int8_t* a = paired.codes;
  for (int g = 0; g < groups; g += 2) {  // columns are padded to two groups
    SQUAT_UNROLL
    for (int j = 0; j < 2; ++j, w += kGroupBytes, a += kTokens * kGroup) {
      const int8x16_t b0 = load(w), b1 = load(w + 16), l0 = vshlq_n_s8(b0, 4), l1 = vshlq_n_s8(b1, 4);
      const int8x16x4_t code = vld1q_s8_x4(a);
      SQUAT_UNROLL
      for (int i = 0; i < kPairs; ++i) {
        both[i][0] = vmmlaq_s32(both[i][0], code.val[i], b0);
        low[i][0] = vmmlaq_s32(low[i][0], code.val[i], l0);
        both[i][1] = vmmlaq_s32(both[i][1], code.val[i], b1);
        low[i][1] = vmmlaq_s32(low[i][1], code.val[i], l1);
      }
    }
  }
  // Each result is {token 0: lane 0, lane 1; token 1: lane 0, lane 1}.
  const bool plain = plain_rows(p, row, kLanes + 4) && !add && token + kTokens <= p.tokens;
  SQUAT_UNROLL
  for (int i = 0; i < kPairs; ++i) {
    int32x4_t l[2], h[2];
    SQUAT_UNROLL
    for (int v = 0; v < 2; ++v) {
      l[v] = vshrq_n_s32(low[i][v], 4);
      h[v] = vshrq_n_s32(vsubq_s32(both[i][v], l[v]), 4);
    }
    put4(p, row, token + 2 * i, first_of(l), plain, add);
    put4(p, row + kLanes, token + 2 * i, first_of(h), plain, add);
    put4(p, row, token + 2 * i + 1, second_of(l), plain, add);
    put4(p, row + kLanes, token + 2 * i + 1, second_of(h), plain, add);
  }
}

/// Eight lanes (four vectors) x kTokens of 8-bit weights.
template <bool kUnsigned>
void gemm_bytes_mmla(const Product& p, const std::uint8_t* w, const Paired& paired, int groups, int row, int token, bool add) {
  int32x4_t sum[kPairs][4];
  SQUAT_UNROLL
  for (int i = 0; i < kPairs; ++i) {
    SQUAT_UNROLL
    for (int v = 0; v < 4; ++v) sum[i][v] = vdupq_n_s32(0);
  }
  const std::int8_t* a = paired.codes;
  for (int g = 0; g < groups; ++g, w += kGroupBytes, a += kTokens * kGroup) {
    const int8x16x4_t b = load4(w), codes = vld1q_s8_x4(a);
    SQUAT_UNROLL
    for (int i = 0; i < kPairs; ++i) {
      const int8x16_t code = codes.val[i];
      SQUAT_UNROLL
      for (int v = 0; v < 4; ++v) {
        sum[i][v] = kUnsigned ? vreinterpretq_s32_u32(vmmlaq_u32(vreinterpretq_u32_s32(sum[i][v]), vreinterpretq_u8_s8(code),
                                                                 vreinterpretq_u8_s8(b.val[v])))
                              : vmmlaq_s32(sum[i][v], code, b.val[v]);
      }
    }
  }
  const bool plain = plain_rows(p, row, 8) && !add && token + kTokens <= p.tokens;
  SQUAT_UNROLL
  for (int i = 0; i < kPairs; ++i) {
    SQUAT_UNROLL
    for (int v = 0; v < 4; v += 2) {
      SQUAT_UNROLL
      for (int t = 0; t < 2; ++t) {
        const bool correct = kUnsigned && !add && token + 2 * i + t < p.tokens;
        const int32x4_t correction = vdupq_n_s32(correct ? 128 * p.sums[token + 2 * i + t] : 0);
        const int32x4_t four = t == 0 ? first_of(sum[i] + v) : second_of(sum[i] + v);
        put4(p, row + 2 * v, token + 2 * i + t, vsubq_s32(four, correction), plain, add);
      }
    }
  }
}

/// Tiles of Lanes lanes over all rows, a chunk of columns at a time, for the tokens from `token` on.
template <int Lanes, int BlockRows, void (*kTile)(const Product&, const std::uint8_t*, const Paired&, int, int, int, bool)>
void gemm(const Product& p, int token) {
  Paired paired;
  for (int first = 0; first < p.groups; first += kChunk / kGroup) {
    const int groups = p.groups - first < kChunk / kGroup ? p.groups - first : kChunk / kGroup;
    paired.fill(p, token, first, groups);
    for (int row = 0; row < p.rows; row += BlockRows) {
      const std::uint8_t* w = p.weights + offset(row / BlockRows, p.block_stride) + offset(first, kGroupBytes);
      for (int lane = 0; lane < kLanes && row + lane < p.rows; lane += Lanes) {
        kTile(p, w + lane * kGroup, paired, groups, row + lane, token, first > 0);
      }
    }
  }
}

void product4(const Product& p) {
  int t = 0;
  for (; t + 2 <= p.tokens; t += kTokens) gemm<4, 2 * kLanes, gemm_w4a8_smmla>(p, t);
  for (; t < p.tokens; ++t) gemv_w4a8_dot(p, t);
}

template <bool kUnsigned>
void product_bytes(const Product& p) {
  int t = 0;
  for (; t + 2 <= p.tokens; t += kTokens) gemm<8, kLanes, gemm_bytes_mmla<kUnsigned>>(p, t);
  for (; t < p.tokens; ++t) gemv_bytes_dot<kUnsigned>(p, t);
}

bool supported() { return (getauxval(AT_HWCAP) & HWCAP_ASIMDDP) != 0 && (getauxval(AT_HWCAP2) & HWCAP2_I8MM) != 0; }

}  // namespace

const KernelSet& kernels_i8mm() {
  static constexpr KernelSet set = {"i8mm",
                                    "the Armv8.6 int8 matrix multiplication (i8mm, asimddp)",
                                    supported,
                                    kGroup,
                                    Pair4::kSum,
                                    0,
                                    0x80,
                                    product4,
                                    product_bytes<false>,
                                    product_bytes<true>,
                                    units_baseline};
  return set;
}

}  // namespace squat::backends::cpu
