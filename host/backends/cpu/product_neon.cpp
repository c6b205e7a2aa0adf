// SPDX-License-Identifier: Apache-2.0
// Products for every 64-bit Arm processor: SMLAL, eight products of bytes in 16 bits. A lane's 16 bytes are 16 columns of two
// rows, one in each nibble. 4-bit weights times 8-bit codes are at most 896, so 36 of them fit 16 bits. When all codes have 4
// bits, two products fit a byte: MUL and MLA on 16 bytes.
#include <arm_neon.h>

#include "host/backends/cpu/instruction_sets.hpp"

namespace squat::backends::cpu {
namespace {

constexpr int kGroup = 16;
constexpr int kGroupBytes = kLanes * kGroup;
constexpr int kTile = 4;             ///< lanes that share a load of codes
constexpr int kGroupsIn16Bits = 16;  ///< 32 products of at most 896 per 16-bit sum

std::size_t offset(int count, std::size_t stride) { return static_cast<std::size_t>(count) * stride; }

int8x16_t load(const std::uint8_t* p) { return vreinterpretq_s8_u8(vld1q_u8(p)); }

/// Sums of kRows (2 or 4) rows from `row` on, as far as they exist.
template <int kRows = kTile>
void store(const Product& p, int row, int token, const int32x4_t* sum) {
  const int32x4_t first = vpaddq_s32(sum[0], sum[1]),
                  all = vpaddq_s32(first, kRows == 2 ? first : vpaddq_s32(sum[kRows - 2], sum[kRows - 1]));
  std::int32_t* out = p.out + offset(token, p.out_stride) + row;
  std::int32_t part[kTile];
  vst1q_s32(part, all);
  for (int i = 0; i < kRows && row + i < p.rows; ++i) out[i] = part[i] + (p.bias == nullptr ? 0 : p.bias[row + i]);
}

/// sum += w * a, of 16 columns.
inline __attribute__((always_inline)) int16x8_t multiply_add(int16x8_t sum, int8x16_t w, int8x16_t a) {
  return vmlal_high_s8(vmlal_s8(sum, vget_low_s8(w), vget_low_s8(a)), w, a);
}

struct Nibbles {
  explicit Nibbles(int8x16_t b) : low(vshrq_n_s8(vshlq_n_s8(b, 4), 4)), high(vshrq_n_s8(b, 4)) {}
  int8x16_t low, high;
};

/// kTile lanes, that is rows row .. row+3 and row+16 .. row+19, for one token.
void gemv_w4a8_smlal(const Product& p, const std::uint8_t* w, int row, int token) {
  const std::int8_t* a = p.codes + offset(token, p.stride);
  int32x4_t low[kTile], high[kTile];
  for (int i = 0; i < kTile; ++i) low[i] = high[i] = vdupq_n_s32(0);
  for (int first = 0; first < p.groups; first += kGroupsIn16Bits) {
    const int last = first + kGroupsIn16Bits < p.groups ? first + kGroupsIn16Bits : p.groups;
    int16x8_t low16[kTile], high16[kTile];
    for (int i = 0; i < kTile; ++i) low16[i] = high16[i] = vdupq_n_s16(0);
    for (int g = first; g < last; ++g) {
      const int8x16_t code = vld1q_s8(a + g * kGroup);
      for (int i = 0; i < kTile; ++i) {
        const Nibbles n(load(w + offset(g, kGroupBytes) + i * kGroup));
        low16[i] = multiply_add(low16[i], n.low, code);
        high16[i] = multiply_add(high16[i], n.high, code);
      }
    }
    for (int i = 0; i < kTile; ++i) {
      low[i] = vpadalq_s16(low[i], low16[i]);
      high[i] = vpadalq_s16(high[i], high16[i]);
    }
  }
  store(p, row, token, low);
  store(p, row + kLanes, token, high);
}

constexpr int kGemmLanes = 2,
              kGemmTokens = 4;  ///< 16 sums of 16 bits in registers share loads and nibbles; wide ones do not fit

/// kGemmLanes lanes and kGemmTokens tokens.
void gemm_w4a8_smlal(const Product& p, const std::uint8_t* w, int row, int token) {
  const std::int8_t* a = p.codes + offset(token, p.stride);
  int32x4_t low[kGemmTokens][kGemmLanes], high[kGemmTokens][kGemmLanes];
  for (int t = 0; t < kGemmTokens; ++t) {
    for (int i = 0; i < kGemmLanes; ++i) low[t][i] = high[t][i] = vdupq_n_s32(0);
  }
  for (int first = 0; first < p.groups; first += kGroupsIn16Bits) {
    const int last = first + kGroupsIn16Bits < p.groups ? first + kGroupsIn16Bits : p.groups;
    int16x8_t low16[kGemmTokens][kGemmLanes], high16[kGemmTokens][kGemmLanes];
    for (int t = 0; t < kGemmTokens; ++t) {
      for (int i = 0; i < kGemmLanes; ++i) low16[t][i] = high16[t][i] = vdupq_n_s16(0);
    }
    for (int g = first; g < last; ++g) {
      const std::uint8_t* block = w + offset(g, kGroupBytes);
      const Nibbles n[kGemmLanes] = {Nibbles(load(block)), Nibbles(load(block + kGroup))};
      for (int t = 0; t < kGemmTokens; ++t) {
        const int8x16_t code = vld1q_s8(a + offset(t, p.stride) + g * kGroup);
        for (int i = 0; i < kGemmLanes; ++i) {
          low16[t][i] = multiply_add(low16[t][i], n[i].low, code);
          high16[t][i] = multiply_add(high16[t][i], n[i].high, code);
        }
      }
    }
    for (int t = 0; t < kGemmTokens; ++t) {
      for (int i = 0; i < kGemmLanes; ++i) {
        low[t][i] = vpadalq_s16(low[t][i], low16[t][i]);
        high[t][i] = vpadalq_s16(high[t][i], high16[t][i]);
      }
    }
  }
  for (int t = 0; t < kGemmTokens; ++t) {
    store<kGemmLanes>(p, row, token + t, low[t]);
    store<kGemmLanes>(p, row + kLanes, token + t, high[t]);
  }
}

/// One token with 4-bit codes: |7 * -8| = 56, two of them fit a byte. 16-bit sums take 112 twice per pair of groups.
void gemv_w4a4_mla(const Product& p, const std::uint8_t* w, int row, int token) {
  constexpr int kPairsIn16Bits = 128;
  const std::int8_t* a = p.codes + offset(token, p.stride);
  int32x4_t low[kTile], high[kTile];
  for (int i = 0; i < kTile; ++i) low[i] = high[i] = vdupq_n_s32(0);
  const int8x16_t zero = vdupq_n_s8(0);
  for (int first = 0; first < p.groups; first += 2 * kPairsIn16Bits) {
    const int last = first + 2 * kPairsIn16Bits < p.groups ? first + 2 * kPairsIn16Bits : p.groups;
    int16x8_t low16[kTile], high16[kTile];
    for (int i = 0; i < kTile; ++i) low16[i] = high16[i] = vdupq_n_s16(0);
    int g = first;
    for (; g + 2 <= last; g += 2) {
      const int8x16_t code0 = vshrq_n_s8(vld1q_s8(a + g * kGroup), 3);
      const int8x16_t code1 = vshrq_n_s8(vld1q_s8(a + (g + 1) * kGroup), 3);
      for (int i = 0; i < kTile; ++i) {
        const Nibbles n0(load(w + offset(g, kGroupBytes) + i * kGroup)), n1(load(w + offset(g + 1, kGroupBytes) + i * kGroup));
        low16[i] = vpadalq_s8(low16[i], vmlaq_s8(vmulq_s8(n0.low, code0), n1.low, code1));
        high16[i] = vpadalq_s8(high16[i], vmlaq_s8(vmulq_s8(n0.high, code0), n1.high, code1));
      }
    }
    for (; g < last; ++g) {
      const int8x16_t code = vshrq_n_s8(vld1q_s8(a + g * kGroup), 3);
      for (int i = 0; i < kTile; ++i) {
        const Nibbles n(load(w + offset(g, kGroupBytes) + i * kGroup));
        low16[i] = vpadalq_s8(low16[i], vmlaq_s8(zero, n.low, code));
        high16[i] = vpadalq_s8(high16[i], vmlaq_s8(zero, n.high, code));
      }
    }
    for (int i = 0; i < kTile; ++i) {
      low[i] = vpadalq_s16(low[i], low16[i]);
      high[i] = vpadalq_s16(high[i], high16[i]);
    }
  }
  for (int i = 0; i < kTile; ++i) {
    low[i] = vshlq_n_s32(low[i], 3);
    high[i] = vshlq_n_s32(high[i], 3);
  }
  store(p, row, token, low);
  store(p, row + kLanes, token, high);
}

void product4(const Product& p) {
  for (int row = 0; row < p.rows; row += 2 * kLanes) {
    const std::uint8_t* w = p.weights + offset(row / (2 * kLanes), p.block_stride);
    int t = 0;
    for (; t + kGemmTokens <= p.tokens; t += kGemmTokens) {
      for (int lane = 0; lane < kLanes; lane += kGemmLanes) gemm_w4a8_smlal(p, w + lane * kGroup, row + lane, t);
    }
    for (; t < p.tokens; ++t) {
      for (int lane = 0; lane < kLanes; lane += kTile) {
        (p.four_bit ? gemv_w4a4_mla : gemv_w4a8_smlal)(p, w + lane * kGroup, row + lane, t);
      }
    }
  }
}

/// kTile lanes and kTokens tokens; two products of at most 127 * 128 fit 16 bits.
template <int kTokens>
void product_w8a8_smlal(const Product& p, const std::uint8_t* w, int row, int token) {
  const std::int8_t* a = p.codes + offset(token, p.stride);
  int32x4_t sum[kTokens][kTile];
  for (int t = 0; t < kTokens; ++t) {
    for (int i = 0; i < kTile; ++i) sum[t][i] = vdupq_n_s32(0);
  }
  for (int g = 0; g < p.groups; ++g) {
    int8x16_t code[kTokens];
    for (int t = 0; t < kTokens; ++t) code[t] = vld1q_s8(a + offset(t, p.stride) + g * kGroup);
    for (int i = 0; i < kTile; ++i) {
      const int8x16_t b = load(w + offset(g, kGroupBytes) + i * kGroup);
      for (int t = 0; t < kTokens; ++t) {
        const int16x8_t pair = vmlal_high_s8(vmull_s8(vget_low_s8(b), vget_low_s8(code[t])), b, code[t]);
        sum[t][i] = vpadalq_s16(sum[t][i], pair);
      }
    }
  }
  for (int t = 0; t < kTokens; ++t) store(p, row, token + t, sum[t]);
}

/// Unsigned probabilities and values with a bias of 128: one product fits 16 bits.
void gemv_values_umull(const Product& p, const std::uint8_t* w, int row, int token) {
  const std::uint8_t* a = reinterpret_cast<const std::uint8_t*>(p.codes) + offset(token, p.stride);
  uint32x4_t sum[kTile];
  for (auto& s : sum) s = vdupq_n_u32(0);
  for (int g = 0; g < p.groups; ++g) {
    const uint8x16_t prob = vld1q_u8(a + g * kGroup);
    for (int i = 0; i < kTile; ++i) {
      const uint8x16_t b = vld1q_u8(w + offset(g, kGroupBytes) + i * kGroup);
      sum[i] = vpadalq_u16(sum[i], vmull_u8(vget_low_u8(b), vget_low_u8(prob)));
      sum[i] = vpadalq_u16(sum[i], vmull_high_u8(b, prob));
    }
  }
  int32x4_t centred[kTile];  // the bias is taken from one of the four partial sums
  const int32x4_t bias = vsetq_lane_s32(128 * p.sums[token], vdupq_n_s32(0), 0);
  for (int i = 0; i < kTile; ++i) centred[i] = vsubq_s32(vreinterpretq_s32_u32(sum[i]), bias);
  store(p, row, token, centred);
}

using Part = void (*)(const Product&, const std::uint8_t*, int row, int token);

/// All rows in parts of kTile lanes: kMany with kTokens tokens, kOne with the rest.
template <Part kOne, Part kMany, int kTokens>
void product_bytes(const Product& p) {
  for (int row = 0; row < p.rows; row += kLanes) {
    const std::uint8_t* w = p.weights + offset(row / kLanes, p.block_stride);
    for (int lane = 0; lane < kLanes && row + lane < p.rows; lane += kTile) {
      int t = 0;
      for (; t + kTokens <= p.tokens; t += kTokens) kMany(p, w + lane * kGroup, row + lane, t);
      for (; t < p.tokens; ++t) kOne(p, w + lane * kGroup, row + lane, t);
    }
  }
}

constexpr auto product8 = product_bytes<product_w8a8_smlal<1>, product_w8a8_smlal<4>, 4>;
constexpr auto product_values = product_bytes<gemv_values_umull, gemv_values_umull, 1>;

/// Two rows of 4-bit weights concatenated in a 32-bit lane, high * 2^16 + low, times one code: MLA gives both products, and the
/// low field is read out before it leaves 16 bits. The published method's form, for comparison: widening costs more than it
/// saves.
void gemv_w4a8_mkmp(const Product& p, const std::uint8_t* w, int row, int token) {
  constexpr int kGroupsInField = 8;  // 32 products of at most 896 per 32-bit sum
  const std::int8_t* a = p.codes + offset(token, p.stride);
  int32x4_t low[kTile], high[kTile];
  for (int i = 0; i < kTile; ++i) low[i] = high[i] = vdupq_n_s32(0);
  for (int first = 0; first < p.groups; first += kGroupsInField) {
    const int last = first + kGroupsInField < p.groups ? first + kGroupsInField : p.groups;
    int32x4_t field[kTile];
    for (auto& f : field) f = vdupq_n_s32(0);
    for (int g = first; g < last; ++g) {
      const int8x16_t code = vld1q_s8(a + g * kGroup);
      const int16x8_t code16[2] = {vmovl_s8(vget_low_s8(code)), vmovl_high_s8(code)};
      const int32x4_t code32[4] = {vmovl_s16(vget_low_s16(code16[0])), vmovl_high_s16(code16[0]),
                                   vmovl_s16(vget_low_s16(code16[1])), vmovl_high_s16(code16[1])};
      for (int i = 0; i < kTile; ++i) {
        const Nibbles n(load(w + offset(g, kGroupBytes) + i * kGroup));
        const int16x8_t l[2] = {vmovl_s8(vget_low_s8(n.low)), vmovl_high_s8(n.low)};
        const int16x8_t h[2] = {vmovl_s8(vget_low_s8(n.high)), vmovl_high_s8(n.high)};
        for (int half = 0; half < 2; ++half) {
          const int16x8_t borrowed = vsraq_n_s16(h[half], l[half], 15);
          field[i] = vmlaq_s32(field[i], vreinterpretq_s32_s16(vzip1q_s16(l[half], borrowed)), code32[2 * half]);
          field[i] = vmlaq_s32(field[i], vreinterpretq_s32_s16(vzip2q_s16(l[half], borrowed)), code32[2 * half + 1]);
        }
      }
    }
    for (int i = 0; i < kTile; ++i) {
      const int32x4_t l = vshrq_n_s32(vshlq_n_s32(field[i], 16), 16);
      low[i] = vaddq_s32(low[i], l);
      high[i] = vaddq_s32(high[i], vshrq_n_s32(vsubq_s32(field[i], l), 16));
    }
  }
  store(p, row, token, low);
  store(p, row + kLanes, token, high);
}

void product4_mkmp(const Product& p) {
  for (int row = 0; row < p.rows; row += 2 * kLanes) {
    const std::uint8_t* w = p.weights + offset(row / (2 * kLanes), p.block_stride);
    for (int t = 0; t < p.tokens; ++t) {
      for (int lane = 0; lane < kLanes; lane += kTile) gemv_w4a8_mkmp(p, w + lane * kGroup, row + lane, t);
    }
  }
}

bool supported() { return true; }

}  // namespace

const KernelSet& kernels_neon() {
  static constexpr KernelSet set = {"neon", "64-bit Arm", supported, kGroup,         Pair4::kNibbles, 0,
                                    0x80,   product4,     product8,  product_values, units_baseline};
  return set;
}

const KernelSet& kernels_mkmp() {
  static constexpr KernelSet set = {"mkmp", "64-bit Arm",  supported, kGroup,         Pair4::kNibbles, 0,
                                    0x80,   product4_mkmp, product8,  product_values, units_baseline};
  return set;
}

}  // namespace squat::backends::cpu
