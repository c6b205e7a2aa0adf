// SPDX-License-Identifier: Apache-2.0
// RMSNorm and LayerNorm, forward and backward. Included through tensor/kernels_body.hpp only.
#pragma once

#include <cmath>
#include <cstddef>

namespace squat::qat::SQUAT_QAT_ISA {

template <typename S>
void rms_norm(const S* u, int rows, int width, const S* gain, double eps, S* y, S* inverse) {
  for (int r = 0; r < rows; ++r, u += width, y += width) {
    S sum = 0;
    for (int i = 0; i < width; ++i) sum += u[i] * u[i];
    const auto factor = static_cast<S>(1.0 / std::sqrt(static_cast<double>(sum) / width + eps));
    for (int i = 0; i < width; ++i) y[i] = u[i] * factor * gain[i];
    inverse[r] = factor;
  }
}

/// With n = u * inverse and h = gain * dy: du = inverse * (h - n * mean(h * n)).
template <typename S>
void rms_norm_back(const S* u, const S* inverse, const S* gain, const S* dy, int rows, int width, S* du, S* dgain) {
  for (int r = 0; r < rows; ++r, u += width, dy += width, du += width) {
    const S factor = inverse[r];
    S dot = 0;
    for (int i = 0; i < width; ++i) {
      const S weighted = dy[i] * u[i] * factor;
      dgain[i] += weighted;
      dot += weighted * gain[i];
    }
    const S back = dot / static_cast<S>(width) * factor;
    for (int i = 0; i < width; ++i) du[i] += factor * (gain[i] * dy[i] - u[i] * back);
  }
}

template <typename S>
void layer_norm(const S* u, int rows, int width, const S* gain, const S* bias, double eps, S* y, S* mean, S* inverse) {
  for (int r = 0; r < rows; ++r, u += width, y += width) {
    S sum = 0;
    for (int i = 0; i < width; ++i) sum += u[i];
    const S centre = sum / static_cast<S>(width);
    S squares = 0;
    for (int i = 0; i < width; ++i) squares += (u[i] - centre) * (u[i] - centre);
    const auto factor = static_cast<S>(1.0 / std::sqrt(static_cast<double>(squares) / width + eps));
    for (int i = 0; i < width; ++i) y[i] = (u[i] - centre) * factor * gain[i] + bias[i];
    mean[r] = centre;
    inverse[r] = factor;
  }
}

/// With n = (u - mean) * inverse and h = gain * dy: du = inverse * (h - mean(h) - n * mean(h * n)).
template <typename S>
void layer_norm_back(const S* u, const S* mean, const S* inverse, const S* gain, const S* dy, int rows, int width, S* du,
                     S* dgain, S* dbias) {
  for (int r = 0; r < rows; ++r, u += width, dy += width, du += width) {
    const S factor = inverse[r], centre = mean[r];
    S dot = 0, sum = 0;
    for (int i = 0; i < width; ++i) {
      const S normal = (u[i] - centre) * factor;
      dgain[i] += dy[i] * normal;
      dbias[i] += dy[i];
      dot += dy[i] * gain[i] * normal;
      sum += dy[i] * gain[i];
    }
    dot /= static_cast<S>(width);
    sum /= static_cast<S>(width);
    for (int i = 0; i < width; ++i) du[i] += factor * (gain[i] * dy[i] - sum - (u[i] - centre) * factor * dot);
  }
}

}  // namespace squat::qat::SQUAT_QAT_ISA
