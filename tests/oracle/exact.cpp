// SPDX-License-Identifier: Apache-2.0
#include "tests/oracle/exact.hpp"

#include <algorithm>
#include <functional>
#include <numeric>

namespace squat::oracle {
namespace {

std::int64_t floor_divide(std::int64_t a, std::int64_t b) {
  const std::int64_t quotient = a / b;
  return a % b != 0 && (a < 0) != (b < 0) ? quotient - 1 : quotient;
}

/// Position 0, then the others by `before`, ties by position; the first ceil(rho * n) are 8 bit, and position 0 always.
std::vector<int> choose(int n, std::int64_t rho_num, const std::function<bool(int, int)>& before) {
  std::vector<int> order(static_cast<std::size_t>(n));
  std::iota(order.begin(), order.end(), 0);
  std::stable_sort(order.begin() + 1, order.end(), before);
  const std::int64_t wanted = -floor_divide(-rho_num * n, 1024);
  std::vector<int> eight(static_cast<std::size_t>(n), 0);
  for (std::int64_t r = 0; r < std::max<std::int64_t>(1, wanted); ++r) {
    eight[static_cast<std::size_t>(order[static_cast<std::size_t>(r)])] = 1;
  }
  return eight;
}

int size(const WidthQuestion& q) { return static_cast<int>(q.scores.size()); }
std::uint64_t score(const WidthQuestion& q, int i) { return q.scores[static_cast<std::size_t>(i)]; }

/// c 8-bit tokens among the first i: token i is 8 bit if it wants to and c + 1 <= rho*(i+1) + 1, or anyway if c + 1 <=
/// rho*(i+1) - 1.
std::vector<int> controlled(const WidthQuestion& q, const std::function<bool(int, std::int64_t)>& wants) {
  std::vector<int> eight;
  std::int64_t count = q.eight_before;
  for (int t = 0; t < size(q); ++t) {
    const std::int64_t i = q.first_position + t;
    const std::int64_t numerator = q.rho_num * (i + 1);  // of rho*(i+1), in 1/1024
    const bool allowed = (count + 1 - 1) * 1024 <= numerator;
    const bool needed = (count + 1 + 1) * 1024 <= numerator;
    const bool yes = i == 0 || needed || (allowed && wants(t, i));
    eight.push_back(yes ? 1 : 0);
    count += yes ? 1 : 0;
  }
  return eight;
}

bool above_threshold(const WidthQuestion& q, int t, std::int64_t i) {
  return static_cast<std::int64_t>(score(q, t)) * (i + 1) >= q.threshold;
}

}  // namespace

std::vector<std::int64_t> gemm(const std::vector<int>& weights, int rows, int cols, const std::vector<int>& codes, int tokens) {
  std::vector<std::int64_t> out;
  for (int t = 0; t < tokens; ++t) {
    for (int r = 0; r < rows; ++r) {
      std::int64_t sum = 0;
      for (int c = 0; c < cols; ++c) {
        sum += std::int64_t{weights[static_cast<std::size_t>(r * cols + c)]} * codes[static_cast<std::size_t>(t * cols + c)];
      }
      out.push_back(sum);
    }
  }
  return out;
}

std::int64_t requantize(std::int64_t acc, std::int64_t m, int s, std::int64_t low, std::int64_t high) {
  const std::int64_t divisor = std::int64_t{1} << s;
  return std::min(high, std::max(low, floor_divide(2 * acc * m + divisor, 2 * divisor)));
}

std::int64_t requantize_code(std::int64_t acc, std::int64_t m, int s, bool eight_bit, std::int64_t low8) {
  return eight_bit ? requantize(acc, m, s, low8, 127) : 8 * requantize(acc, m, s + 3, -8, 7);
}

std::vector<int> sequence_widths(const WidthQuestion& q) {
  if (q.first_position > 0) return budget_widths(q);
  return choose(size(q), q.rho_num, [&](int a, int b) { return score(q, a) > score(q, b); });
}

std::vector<int> reversed_widths(const WidthQuestion& q) {
  if (q.first_position > 0) return controlled(q, [&](int t, std::int64_t i) { return !above_threshold(q, t, i); });
  return choose(size(q), q.rho_num, [&](int a, int b) { return score(q, a) < score(q, b); });
}

std::vector<int> random_widths(const WidthQuestion& q) {
  const auto key = [&](std::int64_t i) { return random_key(q.seed, q.layer, static_cast<std::uint32_t>(i)); };
  if (q.first_position > 0) {
    return controlled(q, [&](int, std::int64_t i) { return static_cast<std::int64_t>(key(i) / (1U << 22)) < q.rho_num; });
  }
  return choose(size(q), q.rho_num, [&](int a, int b) { return key(a) > key(b); });
}

std::vector<int> prefix_widths(const WidthQuestion& q) {
  if (q.first_position > 0) return budget_widths(q);
  std::vector<int> eight;
  for (int i = 0; i < size(q); ++i) {
    WidthQuestion sofar = q;
    sofar.scores.resize(static_cast<std::size_t>(i) + 1);
    eight.push_back(sequence_widths(sofar).back());
  }
  return eight;
}

std::vector<int> budget_widths(const WidthQuestion& q) {
  return controlled(q, [&](int t, std::int64_t i) { return above_threshold(q, t, i); });
}

std::uint32_t random_key(std::uint32_t seed, std::uint32_t layer, std::uint32_t position) {
  constexpr std::uint64_t kModulus = std::uint64_t{1} << 32;
  std::uint64_t x = (seed * 0x9e3779b9ULL + layer * 65536ULL + position) % kModulus;
  x = (x ^ (x / 65536)) * 0x85ebca6bULL % kModulus;
  x = (x ^ (x / 8192)) * 0xc2b2ae35ULL % kModulus;
  return static_cast<std::uint32_t>(x ^ (x / 65536));
}

}  // namespace squat::oracle
