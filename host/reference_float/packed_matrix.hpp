// SPDX-License-Identifier: Apache-2.0
// Single-precision matrix product in a layout that plain loops vectorise.
#pragma once

#include <vector>

#include "host/model/float_model.hpp"

namespace squat::reference {

/// Weights (rows = output channels, cols = input channels) packed in panels of kPanel outputs, input-major within a panel.
class PackedMatrix {
 public:
  static constexpr int kPanel = 16;

  PackedMatrix() = default;
  explicit PackedMatrix(const model::FloatMatrix& weights);
  /// As above, with every weight rounded to scale * (-q..q), q = 2^(bits-1) - 1.
  PackedMatrix(const model::FloatMatrix& weights, double scale, int bits);

  int rows() const { return rows_; }

  /// y (tokens, rows) = x (tokens, cols) * W^T + bias, or y += when `accumulate`. Every output is one sum in input order, the
  /// bias last, so that results depend neither on the vector width nor on the number of tokens.
  void multiply(const float* x, int tokens, float* y, bool accumulate) const;

 private:
  int rows_ = 0;
  int cols_ = 0;
  std::vector<float> panels_;
  std::vector<float> bias_;  ///< (rows), or empty
};

}  // namespace squat::reference
