// SPDX-License-Identifier: Apache-2.0
#define SQUAT_QAT_ISA isa_vnni
#define Eigen squat_eigen_vnni
#include "qat/tensor/kernels_body.hpp"
#include "qat/tensor/kernels_isa.hpp"

namespace squat::qat {

const Kernels<float>& kernels_vnni() {
  static const Kernels<float> table = isa_vnni::make_table<float>("x86-64-v4 with VNNI");
  return table;
}

}  // namespace squat::qat
