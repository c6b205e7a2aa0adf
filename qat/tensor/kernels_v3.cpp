// SPDX-License-Identifier: Apache-2.0
#define SQUAT_QAT_ISA isa_v3
#define Eigen squat_eigen_v3
#include "qat/tensor/kernels_body.hpp"
#include "qat/tensor/kernels_isa.hpp"

namespace squat::qat {

const Kernels<float>& kernels_v3() {
  static const Kernels<float> table = isa_v3::make_table<float>("x86-64-v3");
  return table;
}

}  // namespace squat::qat
