// SPDX-License-Identifier: Apache-2.0
#include "hls/mkmp.hpp"

namespace squat::hls {
namespace {

/// Columns whose packed weights are kept while all tokens pass; a multiple of kExtractPeriod.
constexpr int kTile = 256;
static_assert(kTile % kExtractPeriod == 0);

/// Two weight rows (the second may be absent) x columns first .. first+count-1, packed; zero beyond.
void pack_tile(const std::int8_t* row0, const std::int8_t* row1, int first, int count, bool four_bit, std::int32_t* packed) {
  for (int i = 0; i < kTile; ++i) {
    const std::int32_t w0 = i < count ? row0[first + i] : 0;
    const std::int32_t w1 = i < count && row1 != nullptr ? row1[first + i] : 0;
    packed[i] = four_bit ? pack_w4(w1, w0) : pack_w8(w1, w0);
  }
}

void add(MkmpSums& total, MkmpMode mode, std::int64_t p) {
  const MkmpSums part = mkmp_split(mode, p);
  for (int f = 0; f < 4; ++f) total.sum[f] += part.sum[f];
}

/// Sums of one packed tile with one token.
template <typename Code>
MkmpSums tile_single(MkmpMode mode, const std::int32_t* packed, const Code* a, int count) {
  MkmpSums total;
  for (int start = 0; start < count; start += kExtractPeriod) {
    std::int64_t p = 0;
    const int end = start + kExtractPeriod < count ? start + kExtractPeriod : count;
    for (int i = start; i < end; ++i) p = mkmp_step(p, packed[i], pack_a8(a[i]));
    add(total, mode, p);
  }
  return total;
}

/// Sums of one packed tile with a pair of 4-bit tokens; a1 may be absent.
MkmpSums tile_pair(const std::int32_t* packed, const std::int8_t* a0, const std::int8_t* a1, int count) {
  MkmpSums total;
  for (int start = 0; start < count; start += kExtractPeriod) {
    std::int64_t p = 0;
    const int end = start + kExtractPeriod < count ? start + kExtractPeriod : count;
    for (int i = start; i < end; ++i) {
      const std::int32_t second = a1 == nullptr ? 0 : a1[i] >> 3;
      p = mkmp_step(p, packed[i], pack_a44(second, a0[i] >> 3));
    }
    add(total, MkmpMode::kW4A4, p);
  }
  return total;
}

/// Adds (or, for the first tile, stores) the sums of rows r and r+1.
void store(std::int32_t* out, int row, int rows, bool first, std::int32_t sum0, std::int32_t sum1) {
  out[row] = (first ? 0 : out[row]) + sum0;
  if (row + 1 < rows) out[row + 1] = (first ? 0 : out[row + 1]) + sum1;
}

/// Next 4-bit token at or after `token`, or `tokens`.
int next_four(const std::uint8_t* eight, int token, int tokens) {
  while (token < tokens && eight[token] != 0) ++token;
  return token;
}

}  // namespace

MkmpSums mkmp_split(MkmpMode mode, std::int64_t p) {
  const auto sum = [](std::int64_t v) { return static_cast<std::int32_t>(v); };
  if (mode == MkmpMode::kW4A4) {
    const auto f = leaf::split_pair<NativeNumbers>(p);
    return {{sum(f.w0a0), sum(f.w0a1), sum(f.w1a0), sum(f.w1a1)}};
  }
  const auto f =
      mode == MkmpMode::kW4A8 ? leaf::split_single<NativeNumbers, kShift4>(p) : leaf::split_single<NativeNumbers, kShift8>(p);
  return {{sum(f.w0a0), sum(f.w1a0), 0, 0}};
}

void mkmp_gemm(const std::int8_t* weights, int rows, int cols, bool four_bit, const std::int8_t* codes, int tokens,
               const std::uint8_t* eight, std::int32_t* out) {
  const MkmpMode mode = four_bit ? MkmpMode::kW4A8 : MkmpMode::kW8Signed;
  std::int32_t packed[kTile];
  for (int row = 0; row < rows; row += 2) {
    const std::int8_t* row0 = weights + static_cast<std::int64_t>(row) * cols;
    for (int first = 0; first < cols; first += kTile) {
      const int count = cols - first < kTile ? cols - first : kTile;
      pack_tile(row0, row + 1 < rows ? row0 + cols : nullptr, first, count, four_bit, packed);
      for (int t = 0; t < tokens; ++t) {  // the 8-bit group
        if (four_bit && eight[t] == 0) continue;
        const MkmpSums s = tile_single(mode, packed, codes + static_cast<std::int64_t>(t) * cols + first, count);
        store(out + static_cast<std::int64_t>(t) * rows, row, rows, first == 0, s.sum[0], s.sum[1]);
      }
      if (!four_bit) continue;
      for (int t0 = next_four(eight, 0, tokens); t0 < tokens;) {  // the 4-bit group in pairs
        const int t1 = next_four(eight, t0 + 1, tokens);
        const std::int8_t* a0 = codes + static_cast<std::int64_t>(t0) * cols + first;
        const std::int8_t* a1 = t1 < tokens ? codes + static_cast<std::int64_t>(t1) * cols + first : nullptr;
        const MkmpSums s = tile_pair(packed, a0, a1, count);
        store(out + static_cast<std::int64_t>(t0) * rows, row, rows, first == 0, s.sum[0] * 8, s.sum[2] * 8);
        if (a1 != nullptr) store(out + static_cast<std::int64_t>(t1) * rows, row, rows, first == 0, s.sum[1] * 8, s.sum[3] * 8);
        t0 = a1 != nullptr ? next_four(eight, t1 + 1, tokens) : tokens;
      }
    }
  }
}

void mkmp_gemm_unsigned(const std::int8_t* values, int rows, int cols, const std::uint8_t* codes, int tokens,
                        std::int32_t* out) {
  std::int32_t packed[kTile];
  for (int row = 0; row < rows; row += 2) {
    const std::int8_t* row0 = values + static_cast<std::int64_t>(row) * cols;
    for (int first = 0; first < cols; first += kTile) {
      const int count = cols - first < kTile ? cols - first : kTile;
      pack_tile(row0, row + 1 < rows ? row0 + cols : nullptr, first, count, false, packed);
      for (int t = 0; t < tokens; ++t) {
        const std::uint8_t* a = codes + static_cast<std::int64_t>(t) * cols + first;
        const MkmpSums s = tile_single(MkmpMode::kW8Unsigned, packed, a, count);
        store(out + static_cast<std::int64_t>(t) * rows, row, rows, first == 0, s.sum[0], s.sum[1]);
      }
    }
  }
}

}  // namespace squat::hls
