// SPDX-License-Identifier: Apache-2.0
// C simulation of the kernels mkmp_gemm and weight_reader against plain loops.
#include <algorithm>

#include "hls/kernels/weight_reader.hpp"
#include "tests/catch.hpp"
#include "tests/hls/kernels/gemm_case.hpp"

using squat::hls::GemmSize;
using squat::test::GemmCase;
using squat::test::run_kernel;

namespace {

void check(const GemmSize& size, std::uint32_t seed) {
  INFO("K " << size.cols << " tiles " << size.tiles << " tokens " << size.eight << " + " << size.four << " W"
            << (size.four_bit ? 4 : 8));
  const GemmCase c(size, seed);
  const auto got = run_kernel(c);
  CHECK(got.codes == c.expected());
  CHECK(got.clipped == squat::test::count_ends(c, c.expected()));
  CHECK(got.all_read);
  CHECK(got.only_its_words);
  CHECK(got.cycles == squat::hls::mkmp_gemm_cycles(size));
}

}  // namespace

TEST_CASE("mkmp_gemm: every split of a pass into groups", "[kernels]") {
  const bool four_bit = GENERATE(true, false);
  for (const int tokens : {0, 1, 2, 15, 16, 17, 33}) {
    for (int eight = 0; eight <= tokens; ++eight)
      check({9, 1, eight, tokens - eight, four_bit}, static_cast<std::uint32_t>(100 * tokens + eight));
  }
  for (int eight = 0; eight <= 128; eight += 1 + eight % 7)
    check({24, 1, eight, 128 - eight, four_bit}, static_cast<std::uint32_t>(eight));
}

TEST_CASE("mkmp_gemm: any number of columns", "[kernels]") {
  const bool four_bit = GENERATE(true, false);
  for (int cols = 1; cols <= 41; ++cols) check({cols, 2, 3, 4, four_bit}, static_cast<std::uint32_t>(cols));
  for (const int cols : {127, 257, 509, 1001, 3071, 3072}) check({cols, 1, 17, 30, four_bit}, static_cast<std::uint32_t>(cols));
}

TEST_CASE("mkmp_gemm: random shapes", "[kernels]") {
  std::mt19937 random(21);
  for (int i = 0; i < 60; ++i) {
    const int tokens = static_cast<int>(random() % 129), eight = static_cast<int>(random() % static_cast<unsigned>(tokens + 1));
    check({1 + static_cast<int>(random() % 300), 1 + static_cast<int>(random() % 4), eight, tokens - eight, random() % 2 == 0},
          static_cast<std::uint32_t>(random()));
  }
}

TEST_CASE("mkmp_gemm: a fault in the inputs shows in the outputs", "[kernels]") {
  GemmCase c({40, 1, 5, 5, true}, 3);
  const auto before = run_kernel(c).codes;
  c.codes[7] = c.codes[7] > 0 ? -64 : 56;  // a multiple of 8, whatever the token's width
  CHECK(run_kernel(c).codes != before);
  CHECK(run_kernel(c).codes == c.expected());
}

TEST_CASE("mkmp_gemm: a stream that ends early is an error", "[kernels]") {
  const GemmCase c({8, 1, 1, 0, true}, 4);
  ::hls::stream<ap_uint<256>> weights("weights");
  ::hls::stream<ap_uint<32>> table("table");
  c.write_table(table);
  const auto codes = c.code_words();
  std::vector<ap_uint<128>> out(2);
  ap_uint<32> cycles, clipped;
  CHECK_THROWS_WITH(mkmp_gemm(weights, table, codes.data(), out.data(), &cycles, &clipped, 8, 1, true, 65536, 1),
                    Catch::Matchers::Contains("weights: read while empty"));
}

TEST_CASE("weight_reader: a word per column", "[kernels]") {
  const bool four_bit = GENERATE(true, false);
  const GemmCase c({13, 3, 1, 0, four_bit}, 5);
  std::vector<ap_uint<128>> image;
  for (int tile = 0; tile < 3; ++tile) {
    for (int k = 0; k < 13; ++k) {
      const ap_uint<256> word = c.weight_word(tile, k);
      for (int part = 0; part < (four_bit ? 1 : 2); ++part) {
        image.emplace_back();
        for (int i = 0; i < 16; ++i)
          image.back().range(8 * i + 7, 8 * i) = word.range(128 * part + 8 * i + 7, 128 * part + 8 * i);
      }
    }
  }
  ::hls::stream<ap_uint<256>> weights("weights");
  weight_reader(image.data(), weights, 39, four_bit);
  REQUIRE(weights.size() == 39);
  bool same = true;
  for (int i = 0; i < 39; ++i) same = same && weights.read() == c.weight_word(i / 13, i % 13);
  CHECK(same);
}
