// SPDX-License-Identifier: Apache-2.0
// Co-simulation of the kernel mkmp_gemm with squat_mac_array, squat_post_requant and squat_clip_count: equal codes, equal
// cycles, and both as contracted.
#include "tests/catch.hpp"
#include "tests/rtl/hls_gemm_rtl.hpp"

using squat::hls::GemmSize;
using squat::test::GemmCase;
using squat::test::GemmRtl;
using squat::test::run_kernel;

namespace {

void check(const GemmSize& size, std::uint32_t seed) {
  INFO("K " << size.cols << " tiles " << size.tiles << " tokens " << size.eight << " + " << size.four << " W"
            << (size.four_bit ? 4 : 8));
  const GemmCase c(size, seed);
  const auto kernel = run_kernel(c);
  GemmRtl rtl(c);
  const auto hardware = rtl.run();
  CHECK(hardware.codes == kernel.codes);
  CHECK(hardware.codes == c.expected());
  CHECK(hardware.clipped == kernel.clipped);
  CHECK(hardware.all_read);
  CHECK(hardware.cycles == kernel.cycles);
  CHECK(hardware.cycles == squat::hls::mkmp_gemm_cycles(size));
  if (size.eight + size.four > 0) CHECK(rtl.output_cycles() == squat::hls::mkmp_gemm_output_cycles(size));
}

}  // namespace

TEST_CASE("co-simulation: all splits of small passes, and all of one width") {
  const bool four_bit = GENERATE(true, false);
  for (const int tokens : {0, 1, 16, 17, 34}) {
    for (int eight = 0; eight <= tokens; ++eight)
      check({16, 2, eight, tokens - eight, four_bit}, static_cast<std::uint32_t>(eight));
  }
  check({104, 2, 128, 0, four_bit}, 1);
  check({104, 2, 0, 128, four_bit}, 2);
}

TEST_CASE("co-simulation: any number of columns, with and without waiting for a bank") {
  const bool four_bit = GENERATE(true, false);
  for (const int cols : {1, 2, 7, 8, 9, 15, 31, 63, 64, 65, 77, 127, 511, 3071}) {
    check({cols, 3, 9, 23, four_bit}, static_cast<std::uint32_t>(cols));
    check({cols, 2, 33, 40, four_bit}, static_cast<std::uint32_t>(cols + 1));
  }
}

TEST_CASE("co-simulation: random shapes") {
  std::mt19937 random(71);
  for (int i = 0; i < 60; ++i) {
    const int tokens = 1 + static_cast<int>(random() % 128),
              eight = static_cast<int>(random() % static_cast<unsigned>(tokens + 1));
    check({1 + static_cast<int>(random() % 200), 1 + static_cast<int>(random() % 4), eight, tokens - eight, random() % 2 == 0},
          static_cast<std::uint32_t>(random()));
  }
}

TEST_CASE("co-simulation: the closed form without stalls") {
  const GemmSize size =
      GENERATE(GemmSize{512, 4, 64, 64, true}, GemmSize{128, 3, 128, 0, false}, GemmSize{256, 2, 0, 31, true});
  check(size, 5);
  const int last_reads = squat::hls::pass_reads(size, squat::hls::tile_passes(size) - 1);
  CHECK(squat::hls::mkmp_gemm_cycles(size) == squat::hls::mkmp_gemm_steps(size) + squat::hls::kArrayLatency - 1 + last_reads);
}
