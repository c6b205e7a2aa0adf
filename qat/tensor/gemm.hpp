// SPDX-License-Identifier: Apache-2.0
// Matrix products on one thread: threads work on different sequences instead (parallel.hpp). Double precision, which tests
// use, goes through Eigen; single precision through panel_gemm.hpp.
#pragma once

#define EIGEN_DONT_PARALLELIZE
#include <Eigen/Core>
#include <cstddef>
#include <type_traits>

#include "qat/tensor/panel_gemm.hpp"

namespace squat::qat::SQUAT_QAT_ISA {

template <typename S>
using RowMajor = Eigen::Matrix<S, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;
template <typename S>
using View = Eigen::Map<RowMajor<S>, 0, Eigen::OuterStride<>>;
template <typename S>
using ConstView = Eigen::Map<const RowMajor<S>, 0, Eigen::OuterStride<>>;

template <typename S, typename A, typename B>
void product(View<S>& c, const A& a, const B& b, bool accumulate) {
  if (accumulate) {
    c.noalias() += a * b;
  } else {
    c.noalias() = a * b;
  }
}

/// See Kernels::gemm.
template <typename S>
void gemm(bool transpose_a, bool transpose_b, int m, int n, int k, const S* a, std::ptrdiff_t lda, const S* b,
          std::ptrdiff_t ldb, S* c, std::ptrdiff_t ldc, bool accumulate) {
  if constexpr (std::is_same_v<S, float>) {
    panel_gemm(transpose_a, transpose_b, m, n, k, a, lda, b, ldb, c, ldc, accumulate);
  } else {
    const ConstView<S> left(a, transpose_a ? k : m, transpose_a ? m : k, Eigen::OuterStride<>(lda));
    const ConstView<S> right(b, transpose_b ? n : k, transpose_b ? k : n, Eigen::OuterStride<>(ldb));
    View<S> out(c, m, n, Eigen::OuterStride<>(ldc));
    if (transpose_a && transpose_b) {
      product<S>(out, left.transpose(), right.transpose(), accumulate);
    } else if (transpose_a) {
      product<S>(out, left.transpose(), right, accumulate);
    } else if (transpose_b) {
      product<S>(out, left, right.transpose(), accumulate);
    } else {
      product<S>(out, left, right, accumulate);
    }
  }
}

}  // namespace squat::qat::SQUAT_QAT_ISA
