// SPDX-License-Identifier: Apache-2.0
#define SQUAT_QAT_ISA baseline
#define Eigen squat_eigen_baseline
#include "qat/tensor/kernels_body.hpp"
#include "qat/tensor/kernels_isa.hpp"

namespace squat::qat {

const Kernels<float>& kernels_baseline_float() {
  static const Kernels<float> table = baseline::make_table<float>("baseline");
  return table;
}

const Kernels<double>& kernels_baseline_double() {
  static const Kernels<double> table = baseline::make_table<double>("baseline");
  return table;
}

}  // namespace squat::qat
