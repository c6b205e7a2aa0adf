// SPDX-License-Identifier: Apache-2.0
#include "host/reference_float/packed_matrix.hpp"

#include <algorithm>
#include <cstddef>
#include <cstring>

#include "host/reference_float/fake_quant.hpp"

namespace squat::reference {
namespace {

constexpr int kPanel = PackedMatrix::kPanel;

// The same source compiled for wider vectors, chosen at start-up. Every sum keeps its order and nothing is contracted, so the
// results are the same bits.
#if defined(__x86_64__) && defined(__linux__) && defined(__GNUC__) && !defined(__clang__) && !defined(__SANITIZE_ADDRESS__) && \
    !defined(__SANITIZE_THREAD__)
#define SQUAT_WIDE_VECTORS __attribute__((target_clones("avx512f", "avx2", "default")))
#else
#define SQUAT_WIDE_VECTORS
#endif

using Lanes __attribute__((vector_size(32))) = float;
constexpr int kLanes = 8;

/// kRows tokens times one panel, all sums in vector registers.
template <int kRows>
inline __attribute__((always_inline)) void block(const float* x, int cols, const float* panel, float (&sum)[4][kPanel]) {
  Lanes acc[kRows][kPanel / kLanes] = {};
  for (int k = 0; k < cols; ++k) {
    Lanes w[kPanel / kLanes];
    std::memcpy(w, panel + static_cast<std::ptrdiff_t>(k) * kPanel, sizeof w);
    for (int r = 0; r < kRows; ++r) {
      const float v = x[static_cast<std::ptrdiff_t>(r) * cols + k];
      for (int j = 0; j < kPanel / kLanes; ++j) acc[r][j] += v * w[j];
    }
  }
  std::memcpy(sum, acc, sizeof acc);
}

/// All tokens times one panel: y (tokens, stride), the first `width` of the panel's outputs.
SQUAT_WIDE_VECTORS
void panel_product(const float* x, int tokens, int cols, const float* panel, int width, float* y, std::ptrdiff_t stride,
                   bool accumulate) {
  for (int t = 0; t < tokens; t += 4) {
    const float* rows = x + static_cast<std::ptrdiff_t>(t) * cols;
    const int count = std::min(4, tokens - t);
    float sum[4][kPanel];
    if (count == 4) {
      block<4>(rows, cols, panel, sum);
    } else if (count == 3) {
      block<3>(rows, cols, panel, sum);
    } else if (count == 2) {
      block<2>(rows, cols, panel, sum);
    } else {
      block<1>(rows, cols, panel, sum);
    }
    for (int r = 0; r < count; ++r) {
      float* out = y + (t + r) * stride;
      for (int j = 0; j < width; ++j) out[j] = accumulate ? out[j] + sum[r][j] : sum[r][j];
    }
  }
}

}  // namespace

PackedMatrix::PackedMatrix(const model::FloatMatrix& weights) : rows_(weights.rows), cols_(weights.cols), bias_(weights.bias) {
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
    panel_product(x, tokens, cols_, panel, std::min(kPanel, rows_ - p * kPanel), y + static_cast<std::ptrdiff_t>(p) * kPanel,
                  rows_, accumulate);
  }
  if (bias_.empty()) return;
  for (std::ptrdiff_t t = 0; t < tokens; ++t) {
    float* row = y + t * rows_;
    for (std::size_t r = 0; r < bias_.size(); ++r) row[r] += bias_[r];
  }
}

}  // namespace squat::reference
