// SPDX-License-Identifier: Apache-2.0
// SwiGLU and GELU. Included through tensor/kernels_body.hpp only.
#pragma once

#include <cstddef>

#include "qat/layers/math.hpp"

namespace squat::qat::SQUAT_QAT_ISA {

template <typename S>
void swiglu(const S* gate, const S* up, std::ptrdiff_t ld, int rows, int width, S* d) {
  for (int r = 0; r < rows; ++r, gate += ld, up += ld, d += width) {
    for (int i = 0; i < width; ++i) d[i] = gate[i] / (S{1} + exponential(-gate[i])) * up[i];
  }
}

/// silu'(g) = s (1 + g (1 - s)) with s = 1 / (1 + e^-g).
template <typename S>
void swiglu_back(S* gate, S* up, std::ptrdiff_t ld, int rows, int width, const S* dd) {
  for (int r = 0; r < rows; ++r, gate += ld, up += ld, dd += width) {
    for (int i = 0; i < width; ++i) {
      const S g = gate[i], sigmoid = S{1} / (S{1} + exponential(-g));
      gate[i] = dd[i] * up[i] * sigmoid * (S{1} + g * (S{1} - sigmoid));
      up[i] = dd[i] * g * sigmoid;
    }
  }
}

/// "gelu_new": x / 2 * (1 + tanh(sqrt(2 / pi) (x + 0.044715 x^3))).
template <typename S>
void gelu(const S* x, std::size_t count, S* d) {
  constexpr auto kRoot = static_cast<S>(0.7978845608028654), kCubic = static_cast<S>(0.044715);
  for (std::size_t i = 0; i < count; ++i) {
    const S v = x[i];
    d[i] = S{0.5} * v * (S{1} + hyperbolic_tangent(kRoot * (v + kCubic * v * v * v)));
  }
}

template <typename S>
void gelu_back(S* x, std::size_t count, const S* dd) {
  constexpr auto kRoot = static_cast<S>(0.7978845608028654), kCubic = static_cast<S>(0.044715);
  for (std::size_t i = 0; i < count; ++i) {
    const S v = x[i];
    const S t = hyperbolic_tangent(kRoot * (v + kCubic * v * v * v));
    const S slope = kRoot * (S{1} + S{3} * kCubic * v * v);
    x[i] = dd[i] * (S{0.5} * (S{1} + t) + S{0.5} * v * (S{1} - t * t) * slope);
  }
}

}  // namespace squat::qat::SQUAT_QAT_ISA
