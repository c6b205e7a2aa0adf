// SPDX-License-Identifier: Apache-2.0
#include "qat/loss/teacher_target.hpp"

#include <algorithm>
#include <cmath>

#include "qat/tensor/kernels.hpp"

namespace squat::qat {

template <typename S>
double teacher_target(const std::vector<const S*>& rows, const std::vector<double>& weights, int vocab, double tau,
                      TeacherMix mix, S* scratch, S* p) {
  const Kernels<S>& k = kernels<S>();
  if (rows.size() == 1) return k.soft_target(rows[0], vocab, tau, p);
  const auto n = static_cast<std::size_t>(vocab);
  if (mix == TeacherMix::kMeanLogits) {
    std::fill_n(scratch, n, S{0});
    for (std::size_t t = 0; t < rows.size(); ++t) k.add_scaled(scratch, rows[t], n, static_cast<S>(weights[t]));
    return k.soft_target(scratch, vocab, tau, p);
  }
  std::fill_n(p, n, S{0});
  for (std::size_t t = 0; t < rows.size(); ++t) {
    k.soft_target(rows[t], vocab, tau, scratch);
    k.add_scaled(p, scratch, n, static_cast<S>(weights[t]));
  }
  double sum = 0;
  for (std::size_t i = 0; i < n; ++i) {
    if (p[i] > 0) sum += static_cast<double>(p[i]) * std::log(static_cast<double>(p[i]));
  }
  return sum;
}

template double teacher_target(const std::vector<const float*>&, const std::vector<double>&, int, double, TeacherMix, float*,
                               float*);
template double teacher_target(const std::vector<const double*>&, const std::vector<double>&, int, double, TeacherMix, double*,
                               double*);

}  // namespace squat::qat
