// SPDX-License-Identifier: Apache-2.0
// exp and tanh that compilers vectorise. Included through tensor/kernels_body.hpp only.
#pragma once

#include <cmath>
#include <cstdint>
#include <cstring>

namespace squat::qat::SQUAT_QAT_ISA {

/// e^x with a relative error below 3e-7 + 6e-8 |x|; 0 below -87, the largest power above 88.
inline float exponential(float x) {
  float t = x * 1.44269504f;
  t = t < -126.0f ? -126.0f : t;
  t = t > 127.0f ? 127.0f : t;
  const float n = __builtin_rintf(t);
  const float f = t - n;  // -0.5 .. 0.5; 2^f by its Taylor series, ln(2)^k / k!
  float p = 1.5403530e-4f;
  p = p * f + 1.3333558e-3f;
  p = p * f + 9.6181291e-3f;
  p = p * f + 5.5504109e-2f;
  p = p * f + 2.4022651e-1f;
  p = p * f + 6.9314718e-1f;
  p = p * f + 1.0f;
  const std::int32_t bits = (static_cast<std::int32_t>(n) + 127) << 23;
  float power;
  std::memcpy(&power, &bits, sizeof power);
  return x < -87.0f ? 0.0f : p * power;
}
inline double exponential(double x) { return std::exp(x); }

/// 1 - 2 / (e^2x + 1).
template <typename S>
S hyperbolic_tangent(S x) {
  return S{1} - S{2} / (exponential(S{2} * x) + S{1});
}

template <typename S>
S larger(S a, S b) {
  return a > b ? a : b;
}
template <typename S>
S smaller(S a, S b) {
  return a < b ? a : b;
}

inline float nearest(float x) { return __builtin_rintf(x); }
inline double nearest(double x) { return __builtin_rint(x); }

}  // namespace squat::qat::SQUAT_QAT_ISA
