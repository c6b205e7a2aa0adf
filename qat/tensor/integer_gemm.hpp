// SPDX-License-Identifier: Apache-2.0
// Forward products of a quantised model on its integer codes: exact sums, four products per lane and instruction. Only where
// the instruction set has a dot product of unsigned and signed bytes; elsewhere the table has no such functions and the
// rounded values are multiplied in single precision. Included by kernels_body.hpp.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>

#include "qat/layers/math.hpp"
#include "qat/tensor/kernels.hpp"
#include "qat/tensor/panel_gemm.hpp"

namespace squat::qat::SQUAT_QAT_ISA {

/// Codes of activations, plus 128 so that they are unsigned.
inline void code_rows(const float* x, std::ptrdiff_t ldx, int rows, int cols, Grid<float> g, std::uint8_t* codes,
                      std::ptrdiff_t ldc) {
  const float inverse = 1.0f / g.scale;
  for (int r = 0; r < rows; ++r, x += ldx, codes += ldc) {
    for (int i = 0; i < cols; ++i) {
      codes[i] = static_cast<std::uint8_t>(static_cast<int>(nearest(smaller(larger(x[i] * inverse, g.lo), g.hi))) + 128);
    }
  }
}

/// Codes of w (n, k) in panels of kPanel channels: four consecutive k of a channel lie together, channels next to each other.
/// k is padded with zeros to a multiple of 4. offsets (n): 128 * the sum of a channel's codes.
inline void code_weights(const float* w, int n, int k, Grid<float> g, std::int8_t* packed, std::int32_t* offsets) {
  const float inverse = 1.0f / g.scale;
  const int groups = (k + 3) / 4;
  for (int n0 = 0; n0 < n; n0 += kPanel) {
    const int columns = n - n0 < kPanel ? n - n0 : kPanel;
    const int width = (columns + kLanes - 1) / kLanes * kLanes;
    for (int j = 0; j < width; ++j) {
      std::int8_t* to = packed + 4 * j;
      std::int32_t sum = 0;
      for (int p = 0; p < groups * 4; p += 4, to += 4 * width) {
        for (int i = 0; i < 4; ++i) {
          float code = 0;
          if (j < columns && p + i < k) {
            code = nearest(smaller(larger(w[static_cast<std::ptrdiff_t>(n0 + j) * k + p + i] * inverse, g.lo), g.hi));
          }
          to[i] = static_cast<std::int8_t>(code);
          sum += to[i];
        }
      }
      if (j < columns) offsets[n0 + j] = 128 * sum;
    }
    packed += static_cast<std::ptrdiff_t>(width) * groups * 4;
  }
}

#if defined(__AVX512VNNI__)

typedef int IntVector __attribute__((vector_size(64), aligned(4), may_alias));
typedef int FullIntVector __attribute__((vector_size(64)));

/// Keeps the product out of a fused multiply-add, which the compiler may form in a tile of one height and not of another: a
/// row's result must not depend on the tile it is in.
template <typename T>
inline void rounded_product(T& value) {
  asm("" : "+v"(value));
}

template <int Rows, int Vectors>
void integer_tile(int groups, const std::uint8_t* a, std::ptrdiff_t lda, const std::int8_t* b, const std::int32_t* offsets,
                  const float* row_scale, float scale, float* c, std::ptrdiff_t ldc, int columns, bool accumulate) {
  FullIntVector sum[Rows][Vectors] = {};
  for (int p = 0; p < groups; ++p, a += 4, b += Vectors * 64) {
    FullIntVector right[Vectors];
#pragma GCC unroll 4
    for (int v = 0; v < Vectors; ++v) right[v] = *reinterpret_cast<const IntVector*>(b + v * 64);
#pragma GCC unroll 8
    for (int r = 0; r < Rows; ++r) {
      std::int32_t four;
      std::memcpy(&four, a + r * lda, 4);
      const FullIntVector left = FullIntVector{} + four;
#pragma GCC unroll 4
      for (int v = 0; v < Vectors; ++v) sum[r][v] = __builtin_ia32_vpdpbusd_v16si(sum[r][v], left, right[v]);
    }
  }
#pragma GCC unroll 8
  for (int r = 0; r < Rows; ++r) {
    const float factor = row_scale[r] * scale;
    float* row = c + r * ldc;
#pragma GCC unroll 4
    for (int v = 0; v < Vectors; ++v) {
      const int left = columns - v * 16;
      if (left >= 16) {
        const FullIntVector exact = sum[r][v] - *reinterpret_cast<const IntVector*>(offsets + v * 16);
        Vector value = __builtin_convertvector(exact, Vector) * factor;
        rounded_product(value);
        Vector* out = reinterpret_cast<Vector*>(row + v * 16);
        *out = accumulate ? *out + value : value;
      } else {
        for (int j = 0; j < left; ++j) {
          float value = static_cast<float>(sum[r][v][j] - offsets[v * 16 + j]) * factor;
          rounded_product(value);
          row[v * 16 + j] = accumulate ? row[v * 16 + j] + value : value;
        }
      }
    }
  }
}

template <int Vectors>
void integer_panel(int rows, int groups, const std::uint8_t* a, std::ptrdiff_t lda, const std::int8_t* b,
                   const std::int32_t* offsets, const float* row_scale, float scale, float* c, std::ptrdiff_t ldc, int columns,
                   bool accumulate) {
  int r = 0;
  for (; r + 8 <= rows; r += 8) {
    integer_tile<8, Vectors>(groups, a + r * lda, lda, b, offsets, row_scale + r, scale, c + r * ldc, ldc, columns, accumulate);
  }
  for (; r < rows; ++r) {
    integer_tile<1, Vectors>(groups, a + r * lda, lda, b, offsets, row_scale + r, scale, c + r * ldc, ldc, columns, accumulate);
  }
}

inline void integer_gemm(int m, int n, int k, const std::uint8_t* a, std::ptrdiff_t lda, const float* row_scale,
                         const std::int8_t* packed, const std::int32_t* offsets, float scale, float* c, std::ptrdiff_t ldc,
                         bool accumulate) {
  const int groups = (k + 3) / 4;
  for (int n0 = 0; n0 < n; n0 += kPanel) {
    const int columns = n - n0 < kPanel ? n - n0 : kPanel;
    const int vectors = (columns + 15) / 16;
    float* out = c + n0;
    if (vectors == 3) {
      integer_panel<3>(m, groups, a, lda, packed, offsets + n0, row_scale, scale, out, ldc, columns, accumulate);
    } else if (vectors == 2) {
      integer_panel<2>(m, groups, a, lda, packed, offsets + n0, row_scale, scale, out, ldc, columns, accumulate);
    } else {
      integer_panel<1>(m, groups, a, lda, packed, offsets + n0, row_scale, scale, out, ldc, columns, accumulate);
    }
    packed += static_cast<std::ptrdiff_t>(vectors) * 16 * groups * 4;
  }
}

inline void add_integer_kernels(Kernels<float>& table) {
  table.code_rows = code_rows;
  table.code_weights = code_weights;
  table.integer_gemm = integer_gemm;
}

#else

inline void add_integer_kernels(Kernels<float>&) {}

#endif

inline void add_integer_kernels(Kernels<double>&) {}

}  // namespace squat::qat::SQUAT_QAT_ISA
