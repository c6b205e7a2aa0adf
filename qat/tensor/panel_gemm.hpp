// SPDX-License-Identifier: Apache-2.0
// Single-precision products for the shapes of training: the right operand is packed panel by panel, the left one is read where
// it lies. Packing both, as a general library must, costs a sixth of a training step at these sizes. Included by gemm.hpp.
#pragma once

#include <cstddef>
#include <cstring>

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

typedef float Four __attribute__((vector_size(16), aligned(4), may_alias));

/// A 4 x 4 block.
inline void transpose4(const float* from, std::ptrdiff_t ld, float* to, std::ptrdiff_t ldto) {
  const auto row = [&](int i) { return *reinterpret_cast<const Four*>(from + i * ld); };
  const Four a = row(0), b = row(1), c = row(2), d = row(3);
  const Four ab_low = __builtin_shufflevector(a, b, 0, 4, 1, 5), ab_high = __builtin_shufflevector(a, b, 2, 6, 3, 7);
  const Four cd_low = __builtin_shufflevector(c, d, 0, 4, 1, 5), cd_high = __builtin_shufflevector(c, d, 2, 6, 3, 7);
  const auto put = [&](int i, Four v) { *reinterpret_cast<Four*>(to + i * ldto) = v; };
  put(0, __builtin_shufflevector(ab_low, cd_low, 0, 1, 4, 5));
  put(1, __builtin_shufflevector(ab_low, cd_low, 2, 3, 6, 7));
  put(2, __builtin_shufflevector(ab_high, cd_high, 0, 1, 4, 5));
  put(3, __builtin_shufflevector(ab_high, cd_high, 2, 3, 6, 7));
}

/// to[k * width + j] = from(k, j); columns beyond the matrix become 0.
inline void pack(const float* from, std::ptrdiff_t ld, bool transposed, int depth, int columns, int width, float* to) {
  if (!transposed) {
    for (int k = 0; k < depth; ++k, to += width) {
      // Rows lie far apart: hardware does not see the next one coming. Prefetching beyond the end does no harm.
      for (int j = 0; j < columns; j += 16) __builtin_prefetch(from + (k + kAhead) * ld + j);
      for (int j = 0; j < columns; ++j) to[j] = from[k * ld + j];
      for (int j = columns; j < width; ++j) to[j] = 0;
    }
    return;
  }
  const int whole_depth = depth / 4 * 4, whole_columns = columns / 4 * 4;
  for (int j = 0; j < whole_columns; j += 4) {
    for (int k = 0; k < whole_depth; k += 4) transpose4(from + j * ld + k, ld, to + k * width + j, width);
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

/// All n columns for one block of depth and rows.
inline void panel_block(int m, int n, int depth, LeftOperand left, const float* b, std::ptrdiff_t ldb, bool transpose_b,
                        float* c, std::ptrdiff_t ldc, bool accumulate) {
  alignas(64) static thread_local float packed[kDepth * kPanel];
  for (int n0 = 0; n0 < n; n0 += kPanel) {
    const int columns = n - n0 < kPanel ? n - n0 : kPanel;
    const int vectors = (columns + kLanes - 1) / kLanes;
    pack(transpose_b ? b + n0 * ldb : b + n0, ldb, transpose_b, depth, columns, vectors * kLanes, packed);
    float* out = c + n0;
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
}

/// c (m, n) = or += op(a) (m, k) * op(b) (k, n).
inline void panel_gemm(bool transpose_a, bool transpose_b, int m, int n, int k, const float* a, std::ptrdiff_t lda,
                       const float* b, std::ptrdiff_t ldb, float* c, std::ptrdiff_t ldc, bool accumulate) {
  alignas(64) static thread_local float packed_left[kDepth * kLeftRows];
  for (int k0 = 0; k0 < k; k0 += kDepth) {
    const int depth = k - k0 < kDepth ? k - k0 : kDepth;
    const bool add = accumulate || k0 > 0;
    const float* right = transpose_b ? b + k0 : b + k0 * ldb;
    if (!transpose_a) {
      panel_block(m, n, depth, {a + k0, lda, 1, lda}, right, ldb, transpose_b, c, ldc, add);
      continue;
    }
    for (int m0 = 0; m0 < m; m0 += kLeftRows) {
      const int rows = m - m0 < kLeftRows ? m - m0 : kLeftRows;
      const LeftOperand left = pack_left(a + k0 * lda + m0, lda, depth, rows, packed_left);
      panel_block(rows, n, depth, left, right, ldb, transpose_b, c + m0 * ldc, ldc, add);
    }
  }
}

}  // namespace squat::qat::SQUAT_QAT_ISA
