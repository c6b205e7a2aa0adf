// SPDX-License-Identifier: Apache-2.0
// The matrix unit end to end: load and gemm commands of every kind under random stalls of memory and post; linear layers also
// against the golden model.
#include "hls/mkmp.hpp"
#include "tests/rtl/gemm_bench.hpp"

using namespace squat;
using test::Gemm;
using test::GemmBench;

TEST_CASE("gemm: random commands of every kind under random stalls") {
  const double stall = GENERATE(0.0, 0.2, 0.6);
  GemmBench b(static_cast<std::uint32_t>(10 * stall) + 3);
  b.memory.ar_stall = b.memory.r_stall = stall;
  b.memory.latency = 30;
  b.command_stall = stall;
  b.job_stall = b.read_stall = stall;
  unsigned kinds[3][3] = {};  // mode x (grouped, position order, banded)
  for (int batch = 0; batch < 30; ++batch) {
    std::uint32_t base = b.draw(0, 40);
    Gemm g;
    for (int i = 0; i < 6 && b.random_command(base, g); ++i) {
      b.add(g);
      ++kinds[g.mode][g.banded ? 2 : g.grouped ? 0 : 1];
    }
    b.run();
  }
  for (auto& mode : kinds) {
    for (const unsigned count : mode) CHECK(count > 2);
  }
}

TEST_CASE("gemm: linear layers equal the golden model") {
  const bool four = GENERATE(true, false);
  const std::uint32_t n8 = GENERATE(0U, 5U, 16U, 37U, 60U);
  const std::uint32_t wide = GENERATE(range(0U, test::kBlocks));
  GemmBench b(77);
  Gemm g;
  g.grouped = true;
  g.mode = four ? 0 : 1;
  g.tokens = 60;
  g.n8 = n8;
  g.k = g.stride = 256;
  g.tiles = 5;
  g.wide = wide;
  g.bank_stride = g.words() * g.tiles;
  g.tile_stride = g.words();
  b.add(g);
  std::vector<std::int8_t> weights(160 * 256), codes(60 * 256);
  std::vector<std::uint8_t> eight(60);
  for (std::uint32_t row = 0; row < 160; ++row) {
    for (std::uint32_t k = 0; k < 256; ++k)
      weights[row * 256 + k] = static_cast<std::int8_t>(b.weight(g, row / 32, k, row % 32));
  }
  for (std::uint32_t t = 0; t < 60; ++t) {
    eight[t] = t < n8;
    for (std::uint32_t k = 0; k < 256; ++k) codes[t * 256 + k] = static_cast<std::int8_t>(b.code(g, g.slot(t), k));
  }
  std::vector<std::int32_t> want(60 * 160);
  hls::mkmp_gemm(weights.data(), 160, 256, four, codes.data(), 60, eight.data(), want.data());
  std::size_t compared = 0;
  while (!b.jobs.empty() || b.have_job) {
    b.cycle();
    // Checked against the loops in cycle(); here the loops against the golden model, with post's shift of 4-bit sums.
    if (b.have_job && compared != b.jobs.size() + 1) {
      compared = b.jobs.size() + 1;
      std::int64_t sum[32];
      for (std::uint32_t t = 0; t < 60; ++t) {
        for (std::uint32_t tile = b.job.tile; tile < b.job.tile + b.job.count; ++tile) {
          b.sums(g, tile, t, g.slot(t), 0, 256, 0, sum);
          for (std::uint32_t c = 0; c < 32; ++c) REQUIRE(want[t * 160 + tile * 32 + c] == sum[c] * (g.four_bit(t) ? 8 : 1));
        }
      }
    }
    REQUIRE(b.cycles < 100000);
  }
  CHECK(b.load_error == -1);
  CHECK(b.gemm_error == -1);
}

TEST_CASE("gemm: no bubble between passes, tiles and commands") {
  struct Case {
    bool banded;
    std::uint32_t tokens, k, mode;
  };
  const Case c = GENERATE(Case{false, 128, 128, 0}, Case{false, 128, 64, 1}, Case{true, 1, 512, 0}, Case{true, 2, 256, 1});
  GemmBench b(5);
  std::uint32_t base = 0;
  for (int i = 0; i < 3; ++i) {
    Gemm g;
    g.banded = c.banded;
    g.tokens = g.n8 = c.tokens;
    g.k = c.k;
    g.mode = c.mode;
    g.stride = c.banded ? c.k / 4 : c.k;
    g.base = base;
    base += c.banded ? g.stride : 4 * g.stride;
    g.tiles = 4;
    if (c.banded) g.wide = g.most() - 1;
    if (!c.banded && test::kBlocks == 4) g.wide = c.k == 128 ? 2 : 0;  // 96 reads a pass of 128 steps, the last pass has 32
    g.bank_stride = g.words() * g.tiles;
    g.tile_stride = g.words();
    b.add(g);
  }
  // Post takes two more cycles per job than it reads; a banded pass has 8 reads per token.
  b.run();
  CHECK(b.drain_stalls == 0);
  const std::uint64_t span = b.last_step - b.first_step + 1;
  if (!c.banded) CHECK(span == b.steps);
  // Banded passes are as fast as the four ports deliver: one beat per port and cycle.
  const std::uint64_t words = b.steps * b.commands.front().together(0) * (c.mode == 0 ? 1 : 2);
  if (c.banded) CHECK(span < words / test::kBeatWords + 120);
}
