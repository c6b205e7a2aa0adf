// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "host/backends/cpu/packed_matrix.hpp"

namespace squat::backends::cpu {

/// Activation codes (tokens, cols) as products read them: rows padded to kColumnPad with 0, and the sum of every row.
class Codes {
 public:
  void resize(int tokens, int cols) {
    tokens_ = tokens;
    cols_ = cols;
    stride_ = static_cast<std::size_t>(round_up(cols, kColumnPad));
    data_.resize(static_cast<std::size_t>(tokens) * stride_);
    sums_.resize(static_cast<std::size_t>(tokens));
    for (int t = 0; t < tokens; ++t) std::fill(row(t) + cols, row(t) + stride_, std::int8_t{0});
  }
  /// Promises that every code is 8 * c with c in -8..7.
  void set_four_bit(bool four_bit) { four_bit_ = four_bit; }
  int tokens() const { return tokens_; }
  int cols() const { return cols_; }
  std::int8_t* row(int t) { return data_.data() + static_cast<std::size_t>(t) * stride_; }
  const std::int8_t* row(int t) const { return data_.data() + static_cast<std::size_t>(t) * stride_; }
  void sum_row(int t, const VectorUnits& units) { sums_[static_cast<std::size_t>(t)] = units.sum(row(t), cols_); }

  /// Makes these codes the operand of a product.
  void feed(Product& p) const {
    p.codes = data_.data();
    p.stride = stride_;
    p.sums = sums_.data();
    p.tokens = tokens_;
    p.four_bit = four_bit_;
  }

  /// Without the padding, for taps.
  std::vector<std::int32_t> values() const {
    std::vector<std::int32_t> all;
    for (int t = 0; t < tokens_; ++t) all.insert(all.end(), row(t), row(t) + cols_);
    return all;
  }

 private:
  int tokens_ = 0, cols_ = 0;
  std::size_t stride_ = 0;
  bool four_bit_ = false;
  LineVector<std::int8_t> data_;
  LineVector<std::int32_t> sums_;
};

}  // namespace squat::backends::cpu
