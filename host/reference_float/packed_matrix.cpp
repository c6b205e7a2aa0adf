// SPDX-License-Identifier: Apache-2.0
#include "host/reference_float/packed_matrix.hpp"

#include <algorithm>
#include <cstddef>

#include "host/reference_float/fake_quant.hpp"

namespace squat::reference {
namespace {

constexpr int kPanel = PackedMatrix::kPanel;

/// kRows tokens times one panel; the fixed inner sizes let the compiler keep all sums in vector registers.
template <int kRows>
void block(const float* x, int cols, const float* panel, float (&sum)[4][kPanel]) {
  float acc[kRows][kPanel] = {};
  for (int k = 0; k < cols; ++k) {
    const float* w = panel + static_cast<std::ptrdiff_t>(k) * kPanel;
    for (int r = 0; r < kRows; ++r) {
      const float v = x[static_cast<std::ptrdiff_t>(r) * cols + k];
      for (int j = 0; j < kPanel; ++j) acc[r][j] += v * w[j];
    }
  }
  for (int r = 0; r < kRows; ++r) std::copy_n(acc[r], kPanel, sum[r]);
}

}  // namespace

PackedMatrix::PackedMatrix(const model::FloatMatrix& weights) : rows_(weights.rows), cols_(weights.cols) {
  const int count = (rows_ + kPanel - 1) / kPanel;
  panels_.assign(static_cast<std::size_t>(count) * kPanel * static_cast<std::size_t>(cols_), 0.0f);
  for (int r = 0; r < rows_; ++r) {
    const float* from = weights.w.data() + static_cast<std::ptrdiff_t>(r) * cols_;
    float* to = panels_.data() + static_cast<std::ptrdiff_t>(r / kPanel) * kPanel * cols_ + r % kPanel;
    for (int c = 0; c < cols_; ++c) to[static_cast<std::ptrdiff_t>(c) * kPanel] = from[c];
  }
}

PackedMatrix::PackedMatrix(const model::FloatMatrix& weights, double scale, int bits) : PackedMatrix(weights) {
  const int q = (1 << (bits - 1)) - 1;
  round_to_grid(panels_.data(), panels_.size(), scale, -q, q);
}

void PackedMatrix::multiply(const float* x, int tokens, float* y, bool accumulate) const {
  for (int p = 0; p * kPanel < rows_; ++p) {
    const float* panel = panels_.data() + static_cast<std::ptrdiff_t>(p) * kPanel * cols_;
    const int width = std::min(kPanel, rows_ - p * kPanel);
    for (int t = 0; t < tokens; t += 4) {
      const float* rows = x + static_cast<std::ptrdiff_t>(t) * cols_;
      const int count = std::min(4, tokens - t);
      float sum[4][kPanel];
      if (count == 4) {
        block<4>(rows, cols_, panel, sum);
      } else if (count == 3) {
        block<3>(rows, cols_, panel, sum);
      } else if (count == 2) {
        block<2>(rows, cols_, panel, sum);
      } else {
        block<1>(rows, cols_, panel, sum);
      }
      for (int r = 0; r < count; ++r) {
        float* out = y + static_cast<std::ptrdiff_t>(t + r) * rows_ + static_cast<std::ptrdiff_t>(p) * kPanel;
        for (int j = 0; j < width; ++j) out[j] = accumulate ? out[j] + sum[r][j] : sum[r][j];
      }
    }
  }
}

}  // namespace squat::reference
