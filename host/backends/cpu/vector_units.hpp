// SPDX-License-Identifier: Apache-2.0
// The element-wise units of hls/ on whole rows, compiled once per instruction set. hls/ defines the arithmetic; tests hold
// every function here to it, bit for bit.
#pragma once

#include <cstddef>
#include <cstdint>

#include "hls/requantize.hpp"

namespace squat::backends::cpu {

/// x / rms(x) of a row: see hls::NormScale.
struct RowScale {
  int d = 0;
  std::uint32_t r = 0;
  int k = 0;
};

struct VectorUnits {
  const char* name;

  /// code[i] = hls::requantize_code(acc[i]) or, with lowest8 = hls::kAttentionMin, hls::requantize_attention_code.
  void (*requantize)(const std::int32_t* acc, int n, hls::Requant r, bool eight_bit, std::int32_t lowest8, std::int8_t* code);

  /// x[i] = hls::add_residual(x[i], acc[i], r).
  void (*add_residual)(std::int32_t* x, const std::int32_t* acc, int n, hls::Requant r);

  /// Largest magnitude of x (n), and the sum of squares of hls::norm_input(x[i] - mean, d).
  std::uint32_t (*largest_magnitude)(const std::int32_t* x, int n);
  std::uint64_t (*sum_of_squares)(const std::int32_t* x, int n, std::int32_t mean, int d);

  /// code[i] = hls::norm_code(x[i], scale, gain[i], shift, eight_bit).
  void (*norm)(const std::int32_t* x, int n, RowScale scale, const std::int32_t* gain, int shift, bool eight_bit,
               std::int8_t* code);

  /// code[i] = hls::layer_norm_code(x[i] - mean, scale, gain[i], beta[i], shift, eight_bit).
  void (*layer_norm)(const std::int32_t* x, int n, std::int32_t mean, RowScale scale, const std::int32_t* gain,
                     const std::int32_t* beta, int shift, bool eight_bit, std::int8_t* code);

  /// One head: acc (2 * half) requantised to int16 and rotated by cos, sin (half): hls::rope_pair on (i, i + half).
  void (*rope)(const std::int32_t* acc, int half, hls::Requant r, const std::int32_t* cos, const std::int32_t* sin,
               bool eight_bit, std::int8_t* code);

  /// hls::softmax_row; also stores the sum of the codes.
  void (*softmax)(const std::int32_t* scores, int n, hls::Requant r, std::uint8_t* code, std::uint32_t& wide0,
                  std::int32_t& code_sum);

  /// code[i] = hls::silu_mul of gate[i] and up[i] requantised to 14 bits.
  void (*silu_mul)(const std::int32_t* gate, hls::Requant gate_fixed, const std::int32_t* up, hls::Requant up_fixed, int n,
                   int frac, hls::Requant r, bool eight_bit, std::int8_t* code);

  /// code[i] = hls::gelu_code of up[i] requantised to 14 bits.
  void (*gelu)(const std::int32_t* up, hls::Requant up_fixed, int n, int frac, hls::Requant r, bool eight_bit,
               std::int8_t* code);

  /// Sum of codes.
  std::int32_t (*sum)(const std::int8_t* code, int n);

  /// Exclusive or of n 64-bit words: how fast memory can be read at all, which products are compared with.
  std::uint64_t (*read)(const std::uint64_t* words, std::size_t n);
};

}  // namespace squat::backends::cpu
