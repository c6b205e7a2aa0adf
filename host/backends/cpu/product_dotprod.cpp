// SPDX-License-Identifier: Apache-2.0
// Products with SDOT by element: 16 products of signed bytes an instruction, four rows with four columns of one token. A pair
// of 4-bit rows is one byte b = 16 * h + l. With the same codes a, b * a gives 16 * H + L, and (b << 4) * a, the shift taken as
// a byte, gives 16 * L: one shift unpacks 32 weights, and H = (16 * H + L - L) / 16 exactly.
#include <sys/auxv.h>

#include "host/backends/cpu/instruction_sets.hpp"
#include "host/backends/cpu/neon_store.hpp"

namespace squat::backends::cpu {
namespace {

constexpr int kGroup = 4;
constexpr int kGroupBytes = kLanes * kGroup;
constexpr int kStep = 4;  ///< groups whose codes one vector holds; columns are padded to it

std::size_t offset(int count, std::size_t stride) { return static_cast<std::size_t>(count) * stride; }

int8x16_t load(const std::uint8_t* p) { return vreinterpretq_s8_u8(vld1q_u8(p)); }

/// Neighbouring vectors: two are one LDP, four one LD1.
inline __attribute__((always_inline)) void load_vectors(const std::uint8_t* p, int8x16_t (&v)[2]) {
  v[0] = load(p);
  v[1] = load(p + 16);
}
inline __attribute__((always_inline)) void load_vectors(const std::uint8_t* p, int8x16_t (&v)[4]) {
  const int8x16x4_t four = vld1q_s8_x4(reinterpret_cast<const std::int8_t*>(p));
  v[0] = four.val[0];
  v[1] = four.val[1];
  v[2] = four.val[2];
  v[3] = four.val[3];
}

// The loops below must be unrolled for their sums to stay in registers.
#define SQUAT_UNROLL _Pragma("GCC unroll 16")

/// Sums of a pair of 4-bit rows: 16 * H + L, and 16 * L.
struct Pair {
  int32x4_t both, low;
};

template <int kColumn>
inline __attribute__((always_inline)) void add_pair(Pair& sum, int8x16_t b, int8x16_t l, int8x16_t code) {
  sum.both = vdotq_laneq_s32(sum.both, b, code, kColumn);
  sum.low = vdotq_laneq_s32(sum.low, l, code, kColumn);
}

/// One group of columns, the kColumn-th of the codes, for Tokens tokens and Quarters * 4 lanes.
template <int kColumn, int Tokens, int Quarters>
inline __attribute__((always_inline)) void columns4(const std::uint8_t* w, const int8x16_t* code, Pair (*sum)[Quarters]) {
  int8x16_t b[Quarters];
  load_vectors(w + kColumn * kGroupBytes, b);
  SQUAT_UNROLL
  for (int q = 0; q < Quarters; ++q) {
    const int8x16_t l = vshlq_n_s8(b[q], 4);
    SQUAT_UNROLL
    for (int t = 0; t < Tokens; ++t) add_pair<kColumn>(sum[t][q], b[q], l, code[t]);
  }
}

/// Tokens x Quarters * 4 lanes of a block of 4-bit weights, from lane `lane` on.
template <int Tokens, int Quarters>
inline __attribute__((always_inline)) void tile4(const Product& p, const std::uint8_t* w, int row, int lane, int token) {
  Pair sum[Tokens][Quarters];
  SQUAT_UNROLL
  for (int t = 0; t < Tokens; ++t) {
    SQUAT_UNROLL
    for (int q = 0; q < Quarters; ++q) sum[t][q].both = sum[t][q].low = vdupq_n_s32(0);
  }
  const std::int8_t* a[Tokens];
  SQUAT_UNROLL
  for (int t = 0; t < Tokens; ++t) a[t] = p.codes + offset(token + t, p.stride);
  w += lane * kGroup;
  const std::ptrdiff_t columns = std::ptrdiff_t{p.groups} * kGroup;
  for (std::ptrdiff_t c = 0; c < columns; c += kStep * kGroup, w += kStep * kGroupBytes) {
    int8x16_t code[Tokens];
    SQUAT_UNROLL
    for (int t = 0; t < Tokens; ++t) code[t] = vld1q_s8(a[t] + c);
    columns4<0, Tokens, Quarters>(w, code, sum);
    columns4<1, Tokens, Quarters>(w, code, sum);
    columns4<2, Tokens, Quarters>(w, code, sum);
    columns4<3, Tokens, Quarters>(w, code, sum);
  }
  const bool plain = plain_rows(p, row + lane, kLanes + 4 * Quarters);
  std::int32_t* out = p.out + offset(token, p.out_stride) + row + lane;
  SQUAT_UNROLL
  for (int t = 0; t < Tokens; ++t, out += p.out_stride) {
    SQUAT_UNROLL
    for (int q = 0; q < Quarters; ++q) {
      const int32x4_t l = vshrq_n_s32(sum[t][q].low, 4);
      const int32x4_t h = vshrq_n_s32(vsubq_s32(sum[t][q].both, l), 4);
      if (__builtin_expect(plain, 1)) {
        vst1q_s32(out + 4 * q, l);
        vst1q_s32(out + 4 * q + kLanes, h);
      } else {
        store_checked(p, row + lane + 4 * q, token + t, l);
        store_checked(p, row + lane + 4 * q + kLanes, token + t, h);
      }
    }
  }
}

void gemv_w4a8_dot(const Product& p, int token) {
  for (int row = 0; row < p.rows; row += 2 * kLanes) {
    tile4<1, 4>(p, p.weights + offset(row / (2 * kLanes), p.block_stride), row, 0, token);
  }
}

template <int Tokens>
void few_tokens_w4a8_dot(const Product& p, int token) {
  for (int row = 0; row < p.rows; row += 2 * kLanes) {
    const std::uint8_t* w = p.weights + offset(row / (2 * kLanes), p.block_stride);
    for (int lane = 0; lane < kLanes; lane += 8) tile4<Tokens, 2>(p, w, row, lane, token);
  }
}

constexpr int kTokens = 8;             ///< of a tile of the GEMM
constexpr int kLongestColumns = 4096;  ///< that the GEMM takes; 32 KiB of codes

/// Four lanes x kTokens. codes: kTokens vectors per 16 columns.
inline __attribute__((always_inline)) void tile_w4a8_dot(const Product& p, const std::uint8_t* w, const std::int8_t* codes,
                                                         int row, int token) {
  Pair sum[kTokens];
  SQUAT_UNROLL
  for (auto& s : sum) s.both = s.low = vdupq_n_s32(0);
  for (int g = 0; g < p.groups; g += kStep, w += kStep * kGroupBytes) {
    int8x16_t b[kStep], l[kStep];
    SQUAT_UNROLL
    for (int i = 0; i < kStep; ++i) {
      b[i] = load(w + i * kGroupBytes);
      l[i] = vshlq_n_s8(b[i], 4);
    }
    SQUAT_UNROLL
    for (int half = 0; half < kTokens; half += 4, codes += 64) {
      const int8x16x4_t four = vld1q_s8_x4(codes);
      SQUAT_UNROLL
      for (int t = 0; t < 4; ++t) {
        add_pair<0>(sum[half + t], b[0], l[0], four.val[t]);
        add_pair<1>(sum[half + t], b[1], l[1], four.val[t]);
        add_pair<2>(sum[half + t], b[2], l[2], four.val[t]);
        add_pair<3>(sum[half + t], b[3], l[3], four.val[t]);
      }
    }
  }
  const bool plain = plain_rows(p, row, kLanes + 4);
  std::int32_t* out = p.out + offset(token, p.out_stride) + row;
  SQUAT_UNROLL
  for (int t = 0; t < kTokens; ++t, out += p.out_stride) {
    const int32x4_t l = vshrq_n_s32(sum[t].low, 4);
    const int32x4_t h = vshrq_n_s32(vsubq_s32(sum[t].both, l), 4);
    if (__builtin_expect(plain, 1)) {
      vst1q_s32(out, l);
      vst1q_s32(out + kLanes, h);
    } else {
      store_checked(p, row, token + t, l);
      store_checked(p, row + kLanes, token + t, h);
    }
  }
}

/// kTokens tokens of at most kLongestColumns columns.
void gemm_w4a8_dot(const Product& p, int token) {
  alignas(16) std::int8_t codes[kTokens * kLongestColumns];
  for (int t = 0; t < kTokens; ++t) {
    const std::int8_t* from = p.codes + offset(token + t, p.stride);
    std::int8_t* to = codes + 16 * t;
    for (int c = 0; c < p.groups * kGroup; c += 16, to += 16 * kTokens) vst1q_s8(to, vld1q_s8(from + c));
  }
  for (int row = 0; row < p.rows; row += 2 * kLanes) {
    const std::uint8_t* w = p.weights + offset(row / (2 * kLanes), p.block_stride);
    for (int lane = 0; lane < kLanes; lane += 4) tile_w4a8_dot(p, w + lane * kGroup, codes, row + lane, token);
  }
}

void product4(const Product& p) {
  int t = 0;
  if (p.groups * kGroup <= kLongestColumns) {
    for (; t + kTokens <= p.tokens; t += kTokens) gemm_w4a8_dot(p, t);
  }
  for (; t + 3 <= p.tokens; t += 3) few_tokens_w4a8_dot<3>(p, t);
  for (; t < p.tokens; ++t) gemv_w4a8_dot(p, t);
}

template <int kColumn, bool kUnsigned>
inline __attribute__((always_inline)) int32x4_t dot(int32x4_t sum, int8x16_t w, int8x16_t codes) {
  if (!kUnsigned) return vdotq_laneq_s32(sum, w, codes, kColumn);
  return vreinterpretq_s32_u32(
      vdotq_laneq_u32(vreinterpretq_u32_s32(sum), vreinterpretq_u8_s8(w), vreinterpretq_u8_s8(codes), kColumn));
}

template <int kColumn, int Tokens, bool kUnsigned>
inline __attribute__((always_inline)) void columns8(const std::uint8_t* w, const int8x16_t* code, int32x4_t (*sum)[4]) {
  int8x16_t b[4];
  load_vectors(w + kColumn * kGroupBytes, b);
  SQUAT_UNROLL
  for (int q = 0; q < 4; ++q) {
    SQUAT_UNROLL
    for (int t = 0; t < Tokens; ++t) sum[t][q] = dot<kColumn, kUnsigned>(sum[t][q], b[q], code[t]);
  }
}

/// Tokens x a whole block of 8-bit weights, signed, or unsigned with a bias of 128.
template <int Tokens, bool kUnsigned>
inline __attribute__((always_inline)) void tile8(const Product& p, const std::uint8_t* w, int row, int token) {
  int32x4_t sum[Tokens][4];
  SQUAT_UNROLL
  for (int t = 0; t < Tokens; ++t) {
    SQUAT_UNROLL
    for (int q = 0; q < 4; ++q) sum[t][q] = vdupq_n_s32(kUnsigned ? -128 * p.sums[token + t] : 0);
  }
  const std::int8_t* a[Tokens];
  SQUAT_UNROLL
  for (int t = 0; t < Tokens; ++t) a[t] = p.codes + offset(token + t, p.stride);
  const std::ptrdiff_t columns = std::ptrdiff_t{p.groups} * kGroup;
  for (std::ptrdiff_t c = 0; c < columns; c += kStep * kGroup, w += kStep * kGroupBytes) {
    int8x16_t code[Tokens];
    SQUAT_UNROLL
    for (int t = 0; t < Tokens; ++t) code[t] = vld1q_s8(a[t] + c);
    columns8<0, Tokens, kUnsigned>(w, code, sum);
    columns8<1, Tokens, kUnsigned>(w, code, sum);
    columns8<2, Tokens, kUnsigned>(w, code, sum);
    columns8<3, Tokens, kUnsigned>(w, code, sum);
  }
  const bool plain = plain_rows(p, row, kLanes);
  SQUAT_UNROLL
  for (int t = 0; t < Tokens; ++t) {
    SQUAT_UNROLL
    for (int q = 0; q < 4; ++q) store4(p, row + 4 * q, token + t, sum[t][q], plain);
  }
}

template <int Tokens, bool kUnsigned>
void all_rows8(const Product& p, int token) {
  for (int row = 0; row < p.rows; row += kLanes) {
    tile8<Tokens, kUnsigned>(p, p.weights + offset(row / kLanes, p.block_stride), row, token);
  }
}

template <bool kUnsigned>
void product_bytes(const Product& p) {
  int t = 0;
  for (; t + 4 <= p.tokens; t += 4) all_rows8<4, kUnsigned>(p, t);
  for (; t < p.tokens; ++t) all_rows8<1, kUnsigned>(p, t);
}

bool supported() { return (getauxval(AT_HWCAP) & HWCAP_ASIMDDP) != 0; }

}  // namespace

const KernelSet& kernels_dotprod() {
  static constexpr KernelSet set = {"dotprod",
                                    "the Armv8.2 dot product (asimddp)",
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
