// SPDX-License-Identifier: Apache-2.0
// Exact oracles: plain 64-bit loops from the text of docs/reference/numbers.md. Nothing here uses hls/ or the generated tables.
#pragma once

#include <cstdint>
#include <vector>

namespace squat::oracle {

/// out (tokens, rows): sum over columns of weights (rows, cols) * codes (tokens, cols).
std::vector<std::int64_t> gemm(const std::vector<int>& weights, int rows, int cols, const std::vector<int>& codes, int tokens);

/// acc * m / 2^s to the nearest integer, ties upwards, then clamped. By division with remainder.
std::int64_t requantize(std::int64_t acc, std::int64_t m, int s, std::int64_t low, std::int64_t high);

/// 8-bit code, or 8 times the 4-bit code of a scale 8 times as large.
std::int64_t requantize_code(std::int64_t acc, std::int64_t m, int s, bool eight_bit, std::int64_t low8);

/// What a width rule is asked. rho = rho_num / 1024.
struct WidthQuestion {
  std::vector<std::uint64_t> scores;
  std::int64_t rho_num = 0, threshold = 0, first_position = 0, eight_before = 0;
  std::uint32_t seed = 0, layer = 0;
};

/// 1 = 8 bit per token. The ranking rules sort; they do not count ranks.
std::vector<int> sequence_widths(const WidthQuestion& q);
std::vector<int> reversed_widths(const WidthQuestion& q);
std::vector<int> random_widths(const WidthQuestion& q);
std::vector<int> prefix_widths(const WidthQuestion& q);
std::vector<int> budget_widths(const WidthQuestion& q);

/// The random rule's key.
std::uint32_t random_key(std::uint32_t seed, std::uint32_t layer, std::uint32_t position);

}  // namespace squat::oracle
