// SPDX-License-Identifier: Apache-2.0
// The arithmetic of the trainer as a table of functions, compiled once per instruction set and chosen at start.
// All matrices are row-major; `ld` is the distance between rows in elements. Everything runs on the calling thread.
#pragma once

#include <cstddef>
#include <cstdint>

namespace squat::qat {

/// A grid of a quantiser: y = (clamp(round(x / scale + zero), lo, hi) - zero) * scale, halves to even.
/// Rounding of the clamped value and clamping of the rounded one agree because lo, hi and zero are integers.
template <typename S>
struct Grid {
  S scale = 1;
  S zero = 0;  ///< integer
  S lo = 0;
  S hi = 0;
};

/// What one grid's backward pass adds up, before LSQ's factor.
struct GridSums {
  double scale = 0;  ///< sum of dL/dy * (q - zero - (inside ? x / scale : 0))
  double zero = 0;   ///< sum of dL/dy * (inside ? 0 : -scale)
};

/// One row of the language-model loss. Cross entropy of `target` (negative: none) times `ce_weight`, and
/// KL(teacher || softmax(z / tau)) times `kl_weight` (tau^2 and reductions included by the caller).
template <typename S>
struct LossRow {
  int target = -1;
  double ce_weight = 0;
  const S* teacher = nullptr;  ///< probabilities (vocab); null: no KL
  double teacher_entropy = 0;  ///< sum p log p of the teacher
  double tau = 1;
  double kl_weight = 0;
  double ce = 0;  ///< out, unweighted
  double kl = 0;  ///< out, unweighted
};

template <typename S>
struct Kernels {
  const char* name;  ///< "baseline", "x86-64-v3", "x86-64-v4"

  /// c (m, n) = or += op(a) (m, k) * op(b) (k, n); op transposes when its flag is set.
  void (*gemm)(bool transpose_a, bool transpose_b, int m, int n, int k, const S* a, std::ptrdiff_t lda, const S* b,
               std::ptrdiff_t ldb, S* c, std::ptrdiff_t ldc, bool accumulate);

  /// y = u * gain / sqrt(mean(u^2) + eps); inverse (rows) keeps the factor for the way back.
  void (*rms_norm)(const S* u, int rows, int width, const S* gain, double eps, S* y, S* inverse);
  /// du += and dgain += from dy.
  void (*rms_norm_back)(const S* u, const S* inverse, const S* gain, const S* dy, int rows, int width, S* du, S* dgain);
  /// y = (u - mean) * inverse * gain + bias, inverse = 1 / sqrt(variance + eps).
  void (*layer_norm)(const S* u, int rows, int width, const S* gain, const S* bias, double eps, S* y, S* mean, S* inverse);
  void (*layer_norm_back)(const S* u, const S* mean, const S* inverse, const S* gain, const S* dy, int rows, int width, S* du,
                          S* dgain, S* dbias);

  /// Rotates heads of x (positions, heads * head_dim) by cosine, sine (positions, head_dim / 2); direction -1 undoes it.
  void (*rotate)(S* x, std::ptrdiff_t ld, int positions, int heads, int head_dim, const S* cosine, const S* sine, S direction);

  /// Rows first .. last - 1 of s (T, T): softmax of scale * s over columns 0 .. row, zero beyond.
  void (*softmax_causal)(S* s, int length, int first, int last, S scale);
  /// dp -> ds in place for the same rows: ds = scale * p * (dp - sum(dp * p)), zero beyond the diagonal.
  void (*softmax_causal_back)(const S* p, S* dp, int length, int first, int last, S scale);

  /// d = silu(gate) * up; rows of gate and up lie `ld` apart, rows of d are dense.
  void (*swiglu)(const S* gate, const S* up, std::ptrdiff_t ld, int rows, int width, S* d);
  /// gate and up become their gradients, from dd.
  void (*swiglu_back)(S* gate, S* up, std::ptrdiff_t ld, int rows, int width, const S* dd);
  /// d = gelu(x), the tanh form of GPT-2.
  void (*gelu)(const S* x, std::size_t count, S* d);
  /// x becomes its gradient, from dd.
  void (*gelu_back)(S* x, std::size_t count, const S* dd);

  void (*add_bias)(S* y, int rows, int width, const S* bias);
  /// out[j] += sum over rows of x[., j].
  void (*column_sum)(const S* x, int rows, int width, S* out);
  /// y += factor * x.
  void (*add_scaled)(S* y, const S* x, std::size_t count, S factor);

  /// y = grid values of x. Rows may be strided.
  void (*round)(const S* x, std::ptrdiff_t ldx, int rows, int cols, Grid<S> grid, S* y, std::ptrdiff_t ldy);
  /// gx = inside ? gy : 0 (gx may be gy), sums added to; x becomes its rounded value when `store` is set.
  void (*round_back)(S* x, std::ptrdiff_t ldx, const S* gy, std::ptrdiff_t ldg, int rows, int cols, Grid<S> grid, S* gx,
                     std::ptrdiff_t ldgx, bool store, GridSums* sums);

  /// Losses of one row of logits z (vocab); z becomes its gradient when `back` is set.
  void (*loss_row)(S* z, int vocab, bool back, LossRow<S>* row);
  /// p = softmax(z / tau); returns sum p log p.
  double (*soft_target)(const S* z, int vocab, double tau, S* p);
  /// Products on codes, or null where the instruction set has none; see integer_gemm.hpp.
  /// codes (rows, cols) = 128 + code of x. No zero points, codes -128..127.
  void (*code_rows)(const S* x, std::ptrdiff_t ldx, int rows, int cols, Grid<S> grid, std::uint8_t* codes, std::ptrdiff_t ldc);
  /// packed: coded_size(n, k) bytes; offsets (n).
  void (*code_weights)(const S* w, int n, int k, Grid<S> grid, std::int8_t* packed, std::int32_t* offsets);
  /// c (m, n) = or += row_scale[m] * scale * (codes of a (m, k) . codes of the packed (n, k)). Rows of a have k bytes, rounded
  /// up to a multiple of 4, of which those beyond k may hold anything.
  void (*integer_gemm)(int m, int n, int k, const std::uint8_t* a, std::ptrdiff_t lda, const S* row_scale,
                       const std::int8_t* packed, const std::int32_t* offsets, S scale, S* c, std::ptrdiff_t ldc,
                       bool accumulate);

  /// For benchmarks; float only, else null. Multiply-adds in registers: returns how many operations `rounds` rounds are.
  double (*multiply_adds)(long rounds);

  /// out[0..2] = x.y, x.x, y.y.
  void (*dots)(const S* x, const S* y, std::size_t count, double* out);
};

/// Bytes of packed codes of an (n, k) matrix, in any table.
constexpr std::size_t coded_size(std::size_t n, std::size_t k) { return (n + 63) / 64 * 64 * ((k + 3) / 4 * 4); }

/// The fastest table this machine runs. double has the baseline only.
template <typename S>
const Kernels<S>& kernels();

}  // namespace squat::qat
