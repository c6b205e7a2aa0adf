// SPDX-License-Identifier: Apache-2.0
// Single-precision products for the shapes of training: the right operand is packed panel by panel, the left one is read where
// it lies. Packing both, as a general library must, costs a sixth of a training step at these sizes. Included by gemm.hpp.
#pragma once

#include <cstddef>
#include <cstring>

#include "qat/tensor/scratch.hpp"

namespace squat::qat::SQUAT_QAT_ISA {

#if defined(__AVX512F__)
constexpr int kLanes = 16, kTileRows = 8, kTileVectors = 3;  // 24 accumulators of 32 registers
#elif defined(__AVX__)
constexpr int kLanes = 8, kTileRows = 6, kTileVectors = 2;  // 12 of 16
#elif defined(__aarch64__)
constexpr int kLanes = 4, kTileRows = 6, kTileVectors = 4;  // 24 of 32
#else
constexpr int kLanes = 4, kTileRows = 4, kTileVectors = 2;
#endif
constexpr int kPanel = kLanes * kTileVectors;
constexpr int kAhead = 12;   ///< rows prefetched ahead while packing
constexpr int kDepth = 384;  ///< rows of a packed panel: it stays in the first or second cache level

typedef float Vector __attribute__((vector_size(kLanes * sizeof(float)), aligned(sizeof(float)), may_alias));

/// A left operand: within a tile, element (row, k) lies at data[row * row_step + k * depth_step]; the tile that starts at row r
/// begins at data[r * tile_step].
struct LeftOperand {
  const float* data;
  std::ptrdiff_t row_step, depth_step, tile_step;
};

/// Rows x (Vectors * kLanes) of c from `depth` packed rows of b. columns < Vectors * kLanes: only those are written.
template <int Rows, int Vectors>
void tile(int depth, LeftOperand a, const float* b, float* c, std::ptrdiff_t ldc, int columns, bool accumulate) {
  Vector sum[Rows][Vectors] = {};
  const float* at = a.data;
  // The result lies in far memory: fetched while the sums are formed.
#pragma GCC unroll 8
  for (int r = 0; r < Rows; ++r) {
#pragma GCC unroll 4
    for (int v = 0; v < Vectors; ++v) __builtin_prefetch(c + r * ldc + v * kLanes, 1);
  }
  for (int k = 0; k < depth; ++k, at += a.depth_step, b += Vectors * kLanes) {
    Vector right[Vectors];
#pragma GCC unroll 4
    for (int v = 0; v < Vectors; ++v) right[v] = *reinterpret_cast<const Vector*>(b + v * kLanes);
#pragma GCC unroll 8
    for (int r = 0; r < Rows; ++r) {
      const Vector left = Vector{} + at[r * a.row_step];
#pragma GCC unroll 4
      for (int v = 0; v < Vectors; ++v) sum[r][v] += left * right[v];
    }
  }
#pragma GCC unroll 8
  for (int r = 0; r < Rows; ++r) {
    float* row = c + r * ldc;
#pragma GCC unroll 4
    for (int v = 0; v < Vectors; ++v) {
      const int left = columns - v * kLanes;
      if (left >= kLanes) {
        Vector* out = reinterpret_cast<Vector*>(row + v * kLanes);
        *out = accumulate ? *out + sum[r][v] : sum[r][v];
      } else {
        float values[kLanes];
        std::memcpy(values, &sum[r][v], sizeof values);
        for (int j = 0; j < left; ++j) row[v * kLanes + j] = (accumulate ? row[v * kLanes + j] : 0.0f) + values[j];
      }
    }
  }
}

/// All rows of a panel; the last rows in a smaller tile.
template <int Vectors, int Rows>
void panel_rest(int rows, int depth, LeftOperand a, const float* b, float* c, std::ptrdiff_t ldc, int columns,
                bool accumulate) {
  if constexpr (Rows > 0) {
    if (rows == Rows) {
      tile<Rows, Vectors>(depth, a, b, c, ldc, columns, accumulate);
    } else {
      panel_rest<Vectors, Rows - 1>(rows, depth, a, b, c, ldc, columns, accumulate);
    }
  }
}

template <int Vectors>
void panel(int rows, int depth, LeftOperand a, const float* b, float* c, std::ptrdiff_t ldc, int columns, bool accumulate) {
  int r = 0;
  for (; r + kTileRows <= rows; r += kTileRows) {
    tile<kTileRows, Vectors>(depth, {a.data + r * a.tile_step, a.row_step, a.depth_step, a.tile_step}, b, c + r * ldc, ldc,
                             columns, accumulate);
  }
  panel_rest<Vectors, kTileRows - 1>(rows - r, depth, {a.data + r * a.tile_step, a.row_step, a.depth_step, a.tile_step}, b,
                                     c + r * ldc, ldc, columns, accumulate);
}

#if defined(__AVX__)
constexpr int kSquare = 8;
#else
constexpr int kSquare = 4;
#endif
typedef float Line __attribute__((vector_size(kSquare * sizeof(float)), aligned(sizeof(float)), may_alias));

/// A kSquare x kSquare block.
inline void transpose_square(const float* from, std::ptrdiff_t ld, float* to, std::ptrdiff_t ldto) {
  Line row[kSquare];
#pragma GCC unroll 8
  for (int i = 0; i < kSquare; ++i) row[i] = *reinterpret_cast<const Line*>(from + i * ld);
  const auto put = [&](int i, Line v) { *reinterpret_cast<Line*>(to + i * ldto) = v; };
#if defined(__AVX__)
  Line pair[8], quad[8];
#pragma GCC unroll 4
  for (int i = 0; i < 8; i += 2) {
    pair[i] = __builtin_shufflevector(row[i], row[i + 1], 0, 8, 1, 9, 4, 12, 5, 13);
    pair[i + 1] = __builtin_shufflevector(row[i], row[i + 1], 2, 10, 3, 11, 6, 14, 7, 15);
  }
#pragma GCC unroll 2
  for (int i = 0; i < 8; i += 4) {
#pragma GCC unroll 2
    for (int j = 0; j < 2; ++j) {
      quad[i + 2 * j] = __builtin_shufflevector(pair[i + j], pair[i + j + 2], 0, 1, 8, 9, 4, 5, 12, 13);
      quad[i + 2 * j + 1] = __builtin_shufflevector(pair[i + j], pair[i + j + 2], 2, 3, 10, 11, 6, 7, 14, 15);
    }
  }
#pragma GCC unroll 4
  for (int i = 0; i < 4; ++i) {
    put(i, __builtin_shufflevector(quad[i], quad[i + 4], 0, 1, 2, 3, 8, 9, 10, 11));
    put(i + 4, __builtin_shufflevector(quad[i], quad[i + 4], 4, 5, 6, 7, 12, 13, 14, 15));
  }
#else
  const Line ab_low = __builtin_shufflevector(row[0], row[1], 0, 4, 1, 5);
  const Line ab_high = __builtin_shufflevector(row[0], row[1], 2, 6, 3, 7);
  const Line cd_low = __builtin_shufflevector(row[2], row[3], 0, 4, 1, 5);
  const Line cd_high = __builtin_shufflevector(row[2], row[3], 2, 6, 3, 7);
  put(0, __builtin_shufflevector(ab_low, cd_low, 0, 1, 4, 5));
  put(1, __builtin_shufflevector(ab_low, cd_low, 2, 3, 6, 7));
  put(2, __builtin_shufflevector(ab_high, cd_high, 0, 1, 4, 5));
  put(3, __builtin_shufflevector(ab_high, cd_high, 2, 3, 6, 7));
#endif
}

/// to[k * width + j] = from(k, j); columns beyond the matrix become 0.
inline void pack(const float* from, std::ptrdiff_t ld, bool transposed, int depth, int columns, int width, float* to) {
  if (!transposed) {
    for (int k = 0; k < depth; ++k, to += width) {
      // Rows lie far apart: hardware does not see the next one coming. Prefetching beyond the end does no harm.
      for (int j = 0; j < columns; j += 16) __builtin_prefetch(from + (k + kAhead) * ld + j);
      if (columns == kPanel) {  // the usual case, of a size known to the compiler
        std::memcpy(to, from + k * ld, kPanel * sizeof(float));
        continue;
      }
      for (int j = 0; j < columns; ++j) to[j] = from[k * ld + j];
      for (int j = columns; j < width; ++j) to[j] = 0;
    }
    return;
  }
  const int whole_depth = depth / kSquare * kSquare, whole_columns = columns / kSquare * kSquare;
  constexpr int kChunk = 32;  // rows of the panel: they stay in the first cache level until they are complete
  for (int k0 = 0; k0 < whole_depth; k0 += kChunk) {
    const int end = whole_depth < k0 + kChunk ? whole_depth : k0 + kChunk;
    for (int j = 0; j < whole_columns; j += kSquare) {
      if (k0 + 2 * kChunk < depth) {
        for (int i = 0; i < kSquare; ++i) {
          __builtin_prefetch(from + (j + i) * ld + k0 + 2 * kChunk);
          __builtin_prefetch(from + (j + i) * ld + k0 + 2 * kChunk + 16);
        }
      }
      for (int k = k0; k < end; k += kSquare) transpose_square(from + j * ld + k, ld, to + k * width + j, width);
    }
  }
  for (int j = 0; j < width; ++j) {
    for (int k = j < whole_columns ? whole_depth : 0; k < depth; ++k) to[k * width + j] = j < columns ? from[j * ld + k] : 0.0f;
  }
}

constexpr int kLeftRows = 24 * kTileRows;  ///< rows of a transposed left operand packed at a time

/// A transposed left operand, tile by tile: its columns lie far apart, often in the same cache sets.
/// from(k, r) = data[k * ld + r] for `depth` x `rows`.
inline LeftOperand pack_left(const float* from, std::ptrdiff_t ld, int depth, int rows, float* to) {
  for (int k = 0; k < depth; ++k) {
    const float* line = from + k * ld;
    for (int r = 0; r < rows; r += 16) __builtin_prefetch(line + kAhead * ld + r);
    int r = 0;
    for (; r + kTileRows <= rows; r += kTileRows) {
      for (int i = 0; i < kTileRows; ++i) to[r * depth + k * kTileRows + i] = line[r + i];
    }
    for (int i = 0; r + i < rows; ++i) to[r * depth + k * kTileRows + i] = line[r + i];
  }
  return {to, 1, kTileRows, depth};
}

/// Width of the panel that starts at column n0 of n.
inline int panel_columns(int n, int n0) {
  // The last four vectors as two and two: a tile of a single one waits for its loads.
  if (kTileVectors == 3 && n - n0 > kPanel && n - n0 <= 4 * kLanes) return 2 * kLanes;
  return n - n0 < kPanel ? n - n0 : kPanel;
}

/// Columns a packed panel has: whole vectors.
inline int packed_columns(int columns) { return (columns + kLanes - 1) / kLanes * kLanes; }

/// One panel of columns times all rows of the left operand.
inline void multiply_panel(int m, int depth, LeftOperand left, const float* packed, float* out, std::ptrdiff_t ldc, int columns,
                           bool accumulate) {
  const int vectors = packed_columns(columns) / kLanes;
  if (vectors == kTileVectors) {
    panel<kTileVectors>(m, depth, left, packed, out, ldc, columns, accumulate);
  } else if (vectors == 1) {
    panel<1>(m, depth, left, packed, out, ldc, columns, accumulate);
  } else if (vectors == 2) {
    panel<2>(m, depth, left, packed, out, ldc, columns, accumulate);
  } else {
    panel < kTileVectors<3 ? 1 : 3>(m, depth, left, packed, out, ldc, columns, accumulate);
  }
}

/// All n columns for one block of depth: panel by panel, each used at once.
inline void multiply_rows(int m, int n, int depth, LeftOperand left, const float* b, std::ptrdiff_t ldb, bool transpose_b,
                          float* c, std::ptrdiff_t ldc, bool accumulate) {
  float* packed = scratch(kDepth * kPanel);
  for (int n0 = 0, columns = 0; n0 < n; n0 += columns) {
    columns = panel_columns(n, n0);
    pack(transpose_b ? b + n0 * ldb : b + n0, ldb, transpose_b, depth, columns, packed_columns(columns), packed);
    multiply_panel(m, depth, left, packed, c + n0, ldc, columns, accumulate);
  }
}

constexpr int kRightColumns = 11 * kPanel;  ///< columns packed at a time where the left operand is packed too

/// n <= kRightColumns columns for one block of depth of a transposed left operand: both are packed, the right one once for all
/// rows.
inline void multiply_columns(int m, int n, int depth, const float* a, std::ptrdiff_t lda, const float* b, std::ptrdiff_t ldb,
                             bool transpose_b, float* c, std::ptrdiff_t ldc, bool accumulate) {
  float* packed_left = scratch(kDepth * (kLeftRows + kRightColumns + kLanes));
  float* packed = packed_left + kDepth * kLeftRows;
  float* to = packed;
  for (int n0 = 0, columns = 0; n0 < n; n0 += columns) {
    columns = panel_columns(n, n0);
    pack(transpose_b ? b + n0 * ldb : b + n0, ldb, transpose_b, depth, columns, packed_columns(columns), to);
    to += depth * packed_columns(columns);
  }
  for (int m0 = 0; m0 < m; m0 += kLeftRows) {
    const int rows = m - m0 < kLeftRows ? m - m0 : kLeftRows;
    const LeftOperand left = pack_left(a + m0, lda, depth, rows, packed_left);
    const float* from = packed;
    for (int n0 = 0, columns = 0; n0 < n; n0 += columns) {
      columns = panel_columns(n, n0);
      multiply_panel(rows, depth, left, from, c + m0 * ldc + n0, ldc, columns, accumulate);
      from += depth * packed_columns(columns);
    }
  }
}

/// c (m, n) = or += op(a) (m, k) * op(b) (k, n).
inline void panel_gemm(bool transpose_a, bool transpose_b, int m, int n, int k, const float* a, std::ptrdiff_t lda,
                       const float* b, std::ptrdiff_t ldb, float* c, std::ptrdiff_t ldc, bool accumulate) {
  for (int k0 = 0; k0 < k; k0 += kDepth) {
    const int depth = k - k0 < kDepth ? k - k0 : kDepth;
    const bool add = accumulate || k0 > 0;
    const float* right = transpose_b ? b + k0 : b + k0 * ldb;
    if (!transpose_a) {
      multiply_rows(m, n, depth, {a + k0, lda, 1, lda}, right, ldb, transpose_b, c, ldc, add);
      continue;
    }
    for (int n0 = 0; n0 < n; n0 += kRightColumns) {
      const int columns = n - n0 < kRightColumns ? n - n0 : kRightColumns;
      multiply_columns(m, columns, depth, a + k0 * lda, lda, transpose_b ? right + n0 * ldb : right + n0, ldb, transpose_b,
                       c + n0, ldc, add);
    }
  }
}

}  // namespace squat::qat::SQUAT_QAT_ISA
