// SPDX-License-Identifier: Apache-2.0
// Fills a table from the layers' loops. Included once per instruction set, with SQUAT_QAT_ISA naming it: every function then
// lives in a namespace of its own, and Eigen is renamed too, so that the linker never mixes code of two instruction sets.
#pragma once

#include <type_traits>

#include "qat/layers/elementwise.hpp"
#include "qat/layers/gated.hpp"
#include "qat/layers/loss_rows.hpp"
#include "qat/layers/norms.hpp"
#include "qat/layers/rotary.hpp"
#include "qat/layers/rounding.hpp"
#include "qat/layers/softmax.hpp"
#include "qat/tensor/fma_peak.hpp"
#include "qat/tensor/gemm.hpp"
#include "qat/tensor/integer_gemm.hpp"
#include "qat/tensor/kernels.hpp"

namespace squat::qat::SQUAT_QAT_ISA {

template <typename S>
Kernels<S> make_table(const char* name) {
  Kernels<S> t{};
  t.name = name;
  t.gemm = gemm<S>;
  t.rms_norm = rms_norm<S>;
  t.rms_norm_back = rms_norm_back<S>;
  t.layer_norm = layer_norm<S>;
  t.layer_norm_back = layer_norm_back<S>;
  t.rotate = rotate<S>;
  t.softmax_causal = softmax_causal<S>;
  t.softmax_causal_back = softmax_causal_back<S>;
  t.swiglu = swiglu<S>;
  t.swiglu_back = swiglu_back<S>;
  t.gelu = gelu<S>;
  t.gelu_back = gelu_back<S>;
  t.add_bias = add_bias<S>;
  t.column_sum = column_sum<S>;
  t.add_scaled = add_scaled<S>;
  t.round = round_grid<S>;
  t.round_back = round_grid_back<S>;
  t.loss_row = loss_row<S>;
  t.soft_target = soft_target<S>;
  t.dots = dots<S>;
  if constexpr (std::is_same_v<S, float>) t.multiply_adds = multiply_adds;
  add_integer_kernels(t);
  return t;
}

}  // namespace squat::qat::SQUAT_QAT_ISA
