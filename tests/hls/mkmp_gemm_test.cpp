// SPDX-License-Identifier: Apache-2.0
// Whole products through the packed multiplier against plain loops.
#include <cstdint>
#include <random>
#include <vector>

#include "hls/mkmp.hpp"
#include "tests/catch.hpp"
#include "tests/oracle/exact.hpp"

namespace hls = squat::hls;

namespace {

struct Shape {
  int rows, cols, tokens;
};

const Shape kShapes[] = {{1, 1, 1}, {2, 8, 2}, {3, 7, 5}, {32, 64, 17}, {33, 257, 4}, {16, 1000, 9}, {5, 512, 128}};

/// Uniform in low..high, but often one of the two ends.
int draw(std::mt19937& random, int low, int high) {
  const auto kind = random() % 4;
  if (kind == 0) return low;
  if (kind == 1) return high;
  return low + static_cast<int>(random() % static_cast<std::uint32_t>(high - low + 1));
}

template <typename Code>
std::vector<int> widen(const std::vector<Code>& v) {
  return std::vector<int>(v.begin(), v.end());
}

std::vector<std::int64_t> widen64(const std::vector<std::int32_t>& v) { return {v.begin(), v.end()}; }

}  // namespace

TEST_CASE("mixed-width GEMM is exact", "[mkmp]") {
  std::mt19937 random(9);
  for (const Shape& shape : kShapes) {
    for (const bool four_bit : {true, false}) {
      for (const int share : {0, 3, 10}) {  // tenths of 8-bit tokens
        std::vector<std::int8_t> weights(static_cast<std::size_t>(shape.rows * shape.cols));
        for (auto& w : weights) w = static_cast<std::int8_t>(four_bit ? draw(random, -8, 7) : draw(random, -127, 127));
        std::vector<std::uint8_t> eight;
        std::vector<std::int8_t> codes;
        for (int t = 0; t < shape.tokens; ++t) {
          eight.push_back(static_cast<int>(random() % 10) < share ? 1 : 0);
          for (int c = 0; c < shape.cols; ++c) {
            codes.push_back(static_cast<std::int8_t>(eight.back() != 0 ? draw(random, -128, 127) : 8 * draw(random, -8, 7)));
          }
        }
        std::vector<std::int32_t> out(static_cast<std::size_t>(shape.rows * shape.tokens), 12345);
        hls::mkmp_gemm(weights.data(), shape.rows, shape.cols, four_bit, codes.data(), shape.tokens, eight.data(), out.data());
        const auto expected = squat::oracle::gemm(widen(weights), shape.rows, shape.cols, widen(codes), shape.tokens);
        INFO(shape.rows << " x " << shape.cols << ", tokens " << shape.tokens << ", share " << share);
        CHECK(widen64(out) == expected);
      }
    }
  }
}

TEST_CASE("products with unsigned probabilities are exact", "[mkmp]") {
  std::mt19937 random(10);
  for (const Shape& shape : kShapes) {
    std::vector<std::int8_t> values(static_cast<std::size_t>(shape.rows * shape.cols));
    for (auto& v : values) v = static_cast<std::int8_t>(draw(random, -127, 127));
    std::vector<std::uint8_t> codes(static_cast<std::size_t>(shape.tokens * shape.cols));
    for (auto& c : codes) c = static_cast<std::uint8_t>(draw(random, 0, 255));
    std::vector<std::int32_t> out(static_cast<std::size_t>(shape.rows * shape.tokens), 12345);
    hls::mkmp_gemm_unsigned(values.data(), shape.rows, shape.cols, codes.data(), shape.tokens, out.data());
    CHECK(widen64(out) == squat::oracle::gemm(widen(values), shape.rows, shape.cols, widen(codes), shape.tokens));
  }
}
