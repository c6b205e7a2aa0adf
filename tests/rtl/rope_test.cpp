// SPDX-License-Identifier: Apache-2.0
// rope_table commands of squat_vec against hls::rope_sincos, entry by entry and place by place.
#include "hls/rope.hpp"

#include "tests/rtl/vec_bench.hpp"

using namespace squat;
using namespace squat::rtl_test;

// Models without rotation have phase steps of 0.
TEST_CASE("steps of zero give a cosine of exactly one") {
  VecBench b(42);
  for (const std::uint32_t log2_head_dim : {5U, 6U, 7U}) {
    const std::uint32_t entries = 7 * (1U << log2_head_dim) / 2;
    b.rope.fill(0xdeadbeef);
    b.run(Command(spec::kOpRopeTable)
              .set(spec::kRopeTableTokens, 7)
              .set(spec::kRopeTableFirstPosition, 1000)
              .set(spec::kRopeTableLog2HeadDim, log2_head_dim));
    CHECK(std::count(b.rope.begin(), b.rope.begin() + entries, 16384U) == entries);
  }
}

TEST_CASE("rope table of every head size") {
  VecBench b(41);
  for (auto& word : b.step) {
    for (auto& s : word) s = static_cast<std::uint32_t>(b.random());
  }
  for (const std::uint32_t log2_head_dim : {5U, 6U, 7U}) {
    for (const std::uint32_t tokens : {1U, 3U, 128U}) {
      for (const std::uint32_t position : {0U, 1U, 777U, 65535U}) {
        INFO("log2_head_dim " << log2_head_dim << " tokens " << tokens << " position " << position);
        b.rope.fill(0xdeadbeef);
        b.rope_written = 0;
        const std::uint64_t cycles = b.run(Command(spec::kOpRopeTable)
                                               .set(spec::kRopeTableTokens, tokens)
                                               .set(spec::kRopeTableFirstPosition, position)
                                               .set(spec::kRopeTableLog2HeadDim, log2_head_dim));
        const std::uint32_t head_dim = 1U << log2_head_dim;
        CHECK(b.rope_written == tokens * head_dim / 2);
        CHECK(cycles <= tokens * head_dim / 2 + 20);
        std::size_t wrong = 0;
        for (std::uint32_t t = 0; t < tokens; ++t) {
          for (std::uint32_t i = 0; i < head_dim / 2; ++i) {
            const hls::SinCos expected = hls::rope_sincos(position + t, b.step[i / 16][i % 16]);
            const std::uint32_t got = b.rope[(t * (head_dim / 16) + i / 8) * 8 + i % 8];
            if (static_cast<std::int16_t>(got & 0xffff) != expected.cos || static_cast<std::int16_t>(got >> 16) != expected.sin)
              ++wrong;
          }
        }
        CHECK(wrong == 0);
      }
    }
  }
}
