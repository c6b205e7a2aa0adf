// SPDX-License-Identifier: Apache-2.0
#include "host/backends/cpu/gemm.hpp"

#include <algorithm>

namespace squat::backends::cpu {
namespace {

constexpr int kRows = 4;     ///< weight rows that share one block of activations
constexpr int kTokens = 4;   ///< tokens that share one load of a weight
constexpr int kBlock = 256;  ///< columns whose weights are widened at a time: the block stays in the first-level cache

void widen(const std::int8_t* from, int n, std::int16_t* to) {
  for (int i = 0; i < n; ++i) to[i] = from[i];
}

std::int32_t dot16(const std::int16_t* a, const std::int16_t* b, int n) {
  std::int32_t sum = 0;
  for (int i = 0; i < n; ++i) sum += std::int32_t{a[i]} * b[i];
  return sum;
}

/// One weight row with four tokens; out advances by `stride` per token.
void dot16x4(const std::int16_t* w, const std::int16_t* x, std::size_t cols, int n, std::int32_t* out, std::size_t stride) {
  const std::int16_t* x1 = x + cols;
  const std::int16_t* x2 = x1 + cols;
  const std::int16_t* x3 = x2 + cols;
  std::int32_t s0 = 0, s1 = 0, s2 = 0, s3 = 0;
  for (int i = 0; i < n; ++i) {
    const std::int32_t v = w[i];
    s0 += v * x[i];
    s1 += v * x1[i];
    s2 += v * x2[i];
    s3 += v * x3[i];
  }
  out[0] += s0;
  out[stride] += s1;
  out[2 * stride] += s2;
  out[3 * stride] += s3;
}

/// Adds the products of `rows` weight rows and all tokens over columns first .. first+n-1; out points at the first of the rows.
void add_block(const std::int16_t (*w)[kBlock], int rows, const WideCodes& codes, int first, int n, std::int32_t* out,
               std::size_t stride) {
  int t = 0;
  for (; t + kTokens <= codes.tokens; t += kTokens) {
    for (int r = 0; r < rows; ++r) {
      dot16x4(w[r], codes.row(t) + first, static_cast<std::size_t>(codes.cols), n,
              out + static_cast<std::size_t>(t) * stride + r, stride);
    }
  }
  for (; t < codes.tokens; ++t) {
    for (int r = 0; r < rows; ++r)
      out[static_cast<std::size_t>(t) * stride + static_cast<std::size_t>(r)] += dot16(w[r], codes.row(t) + first, n);
  }
}

}  // namespace

void WideCodes::resize(int token_count, int columns) {
  tokens = token_count;
  cols = columns;
  data.resize(static_cast<std::size_t>(tokens) * static_cast<std::size_t>(cols));
}

void gemm(const model::IntMatrix& w, const WideCodes& codes, std::int32_t* out) {
  const std::size_t stride = static_cast<std::size_t>(w.rows);
  const std::size_t cols = static_cast<std::size_t>(w.cols);
  for (std::size_t t = 0; t < static_cast<std::size_t>(codes.tokens); ++t) {
    if (w.bias.empty()) {
      std::fill_n(out + t * stride, stride, 0);
    } else {
      std::copy_n(w.bias.begin(), stride, out + t * stride);
    }
  }
  std::int16_t block[kRows][kBlock];
  for (int row = 0; row < w.rows; row += kRows) {
    const int rows = std::min(kRows, w.rows - row);
    for (int first = 0; first < w.cols; first += kBlock) {
      const int n = std::min(kBlock, w.cols - first);
      for (int r = 0; r < rows; ++r) widen(w.codes.data() + static_cast<std::size_t>(row + r) * cols + first, n, block[r]);
      add_block(block, rows, codes, first, n, out + row, stride);
    }
  }
}

std::int32_t dot(const std::int8_t* a, const std::int16_t* b, int n) {
  std::int32_t sum = 0;
  for (int i = 0; i < n; ++i) sum += std::int32_t{a[i]} * b[i];
  return sum;
}

void accumulate(std::int32_t factor, const std::int8_t* v, int n, std::int32_t* sum) {
  for (int i = 0; i < n; ++i) sum[i] += factor * v[i];
}

}  // namespace squat::backends::cpu
