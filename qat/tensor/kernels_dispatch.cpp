// SPDX-License-Identifier: Apache-2.0
#include "qat/tensor/kernels.hpp"
#include "qat/tensor/kernels_isa.hpp"

namespace squat::qat {
namespace {

const Kernels<float>& choose() {
#ifdef SQUAT_QAT_X86_LEVELS
  if (__builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512bw") &&
      __builtin_cpu_supports("avx512vl") && __builtin_cpu_supports("avx512cd")) {
    return __builtin_cpu_supports("avx512vnni") ? kernels_vnni() : kernels_v4();
  }
  if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma")) return kernels_v3();
#endif
  return kernels_baseline_float();
}

}  // namespace

template <>
const Kernels<float>& kernels<float>() {
  static const Kernels<float>& chosen = choose();
  return chosen;
}

template <>
const Kernels<double>& kernels<double>() {
  return kernels_baseline_double();
}

}  // namespace squat::qat
