// SPDX-License-Identifier: Apache-2.0
// Integer matrix products in plain C++ that a compiler vectorises. 4-bit codes are int8 codes (multiples of 8), so one kernel
// serves every token; sums are exact, so the order of summation is free.
#pragma once

#include <cstdint>
#include <vector>

#include "host/model/integer_model.hpp"

namespace squat::backends::cpu {

/// Activation codes widened to 16 bits: multiplying 16 by 16 bits and adding neighbours is one instruction on most processors.
struct WideCodes {
  int tokens = 0;
  int cols = 0;
  std::vector<std::int16_t> data;  ///< (tokens, cols)

  void resize(int token_count, int columns);
  std::int16_t* row(int t) { return data.data() + static_cast<std::size_t>(t) * static_cast<std::size_t>(cols); }
  const std::int16_t* row(int t) const { return data.data() + static_cast<std::size_t>(t) * static_cast<std::size_t>(cols); }
};

/// out (tokens, rows) = codes (tokens, cols) * w^T + bias.
void gemm(const model::IntMatrix& w, const WideCodes& codes, std::int32_t* out);

/// Sum of a[i] * b[i].
std::int32_t dot(const std::int8_t* a, const std::int16_t* b, int n);

/// sum[i] += factor * v[i].
void accumulate(std::int32_t factor, const std::int8_t* v, int n, std::int32_t* sum);

}  // namespace squat::backends::cpu
