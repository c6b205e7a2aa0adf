// SPDX-License-Identifier: Apache-2.0
// Cross entropy and distillation of one row of logits. Included through tensor/kernels_body.hpp only.
#pragma once

#include <cmath>
#include <cstddef>

#include "qat/layers/math.hpp"
#include "qat/tensor/kernels.hpp"

namespace squat::qat::SQUAT_QAT_ISA {

template <typename S>
S row_maximum(const S* z, int n) {
  S top = z[0];
  for (int i = 1; i < n; ++i) top = larger(top, z[i]);
  return top;
}

template <typename S>
double soft_target(const S* z, int vocab, double tau, S* p) {
  const S top = row_maximum(z, vocab), factor = static_cast<S>(1.0 / tau);
  S sum = 0, weighted = 0;
  for (int i = 0; i < vocab; ++i) {
    const S shifted = (z[i] - top) * factor;
    const S e = exponential(shifted);
    p[i] = e;
    sum += e;
    weighted += e * shifted;
  }
  const S inverse = S{1} / sum;
  for (int i = 0; i < vocab; ++i) p[i] *= inverse;
  return static_cast<double>(weighted) / static_cast<double>(sum) - std::log(static_cast<double>(sum));
}

/// dz = ce_weight * (softmax(z) - target) + kl_weight / tau * (softmax(z / tau) - teacher).
template <typename S>
void loss_row(S* z, int vocab, bool back, LossRow<S>* row) {
  const S top = row_maximum(z, vocab), factor = static_cast<S>(1.0 / row->tau);
  S sum = 0, soft_sum = 0, cross = 0;
  for (int i = 0; i < vocab; ++i) sum += exponential(z[i] - top);
  if (row->teacher != nullptr) {
    for (int i = 0; i < vocab; ++i) {
      const S shifted = (z[i] - top) * factor;
      soft_sum += exponential(shifted);
      cross += row->teacher[i] * shifted;
    }
    row->kl = row->teacher_entropy - static_cast<double>(cross) + std::log(static_cast<double>(soft_sum));
  }
  if (row->target >= 0) row->ce = std::log(static_cast<double>(sum)) - static_cast<double>(z[row->target] - top);
  if (!back) return;
  const S hard = row->target >= 0 ? static_cast<S>(row->ce_weight) : S{0};
  const S hard_scale = hard / sum;
  if (row->teacher != nullptr) {
    const S soft = static_cast<S>(row->kl_weight / row->tau), soft_scale = soft / soft_sum;
    for (int i = 0; i < vocab; ++i) {
      z[i] = exponential(z[i] - top) * hard_scale + exponential((z[i] - top) * factor) * soft_scale - row->teacher[i] * soft;
    }
  } else {
    for (int i = 0; i < vocab; ++i) z[i] = exponential(z[i] - top) * hard_scale;
  }
  if (row->target >= 0) z[row->target] -= hard;
}

}  // namespace squat::qat::SQUAT_QAT_ISA
