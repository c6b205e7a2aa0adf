// SPDX-License-Identifier: Apache-2.0
#define SQUAT_QAT_ISA isa_v4
#define Eigen squat_eigen_v4
#include "qat/tensor/kernels_body.hpp"
#include "qat/tensor/kernels_isa.hpp"

namespace squat::qat {

const Kernels<float>& kernels_v4() {
  static const Kernels<float> table = isa_v4::make_table<float>("x86-64-v4");
  return table;
}

}  // namespace squat::qat
