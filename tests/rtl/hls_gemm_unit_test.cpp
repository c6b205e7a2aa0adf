// SPDX-License-Identifier: Apache-2.0
// The kernel's step count is that of the whole matrix unit, squat_gemm: the steps it counts, and its time where nothing stalls
// it.
#include "hls/kernels/mkmp_gemm_cycles.hpp"
#include "tests/rtl/gemm_bench.hpp"

using namespace squat;
using test::Gemm;
using test::GemmBench;

TEST_CASE("squat_gemm takes the contracted steps") {
  std::mt19937 random(3);
  for (int i = 0; i < 25; ++i) {
    hls::GemmSize size;
    const auto tokens = 1 + random() % 128, eight = random() % (tokens + 1);
    size.cols = static_cast<int>(64 * (1 + random() % 5));
    size.tiles = static_cast<int>(1 + random() % 3);
    size.eight = static_cast<int>(eight);
    size.four = static_cast<int>(tokens - eight);
    size.four_bit = random() % 3 != 0;
    Gemm g;
    g.grouped = true;
    g.mode = size.four_bit ? 0 : 1;
    g.tokens = static_cast<std::uint32_t>(tokens);
    g.n8 = static_cast<std::uint32_t>(eight);
    g.k = g.stride = static_cast<std::uint32_t>(size.cols);
    g.tiles = static_cast<std::uint32_t>(size.tiles);
    g.bank_stride = g.words() * g.tiles;
    g.tile_stride = g.words();
    GemmBench b(static_cast<std::uint32_t>(100 + i));
    b.add(g);
    b.run();
    INFO("K " << size.cols << " tiles " << size.tiles << " tokens " << size.eight << " + " << size.four << " W"
              << (size.four_bit ? 4 : 8));
    CHECK(b.steps == static_cast<std::uint64_t>(hls::mkmp_gemm_steps(size)));
  }
}

TEST_CASE("squat_gemm without stalls takes the contracted cycles") {
  const int eight = GENERATE(0, 40, 128);
  const hls::GemmSize size = {192, 3, eight, 128 - eight, true};
  Gemm g;
  g.grouped = true;
  g.tokens = 128;
  g.n8 = static_cast<std::uint32_t>(eight);
  g.k = g.stride = 192;
  g.tiles = 3;
  g.bank_stride = g.words() * g.tiles;
  g.tile_stride = g.words();
  GemmBench b(9);
  b.add(g);
  b.run();
  CHECK(b.drain_stalls == 0);
  CHECK(b.last_step - b.first_step + 1 == static_cast<std::uint64_t>(hls::mkmp_gemm_steps(size)));
}
