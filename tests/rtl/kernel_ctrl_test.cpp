// SPDX-License-Identifier: Apache-2.0
// The whole kernel under simple programs: run, status block, restart. Arithmetic of whole passes is tested elsewhere.
#include "hls/requantize.hpp"
#include "tests/rtl/kernel_bench.hpp"

using namespace squat;
using namespace squat::test;

TEST_CASE("an empty program finishes, again and again") {
  Kernel k(1);
  REQUIRE(k.read(spec::kRegStatus) == 0);
  for (int i = 0; i < 3; ++i) {
    k.clear_block();
    REQUIRE(k.run({}) == 0);
    REQUIRE(k.read(spec::kRegCommandsDone) == 0);
    REQUIRE(k.read64(spec::kRegReadBeats) == 0);
    k.check_block();
    REQUIRE(k.writes.idle());
  }
}

TEST_CASE("parameters, RoPE table and token control run and report") {
  for (unsigned mode = 0; mode < 2; ++mode) {
    Kernel k(2 + mode, kModes[mode]);
    for (int round = 0; round < 2; ++round) {
      k.clear_block();
      std::vector<Command> program = {params(), params(16).set(spec::kLoadParamsBuffer, spec::kBufferRope),
                                      Command(spec::kOpRopeTable, spec::kUnitVec)
                                          .wait(0, 0, 0, 2)
                                          .set(spec::kRopeTableTokens, 20)
                                          .set(spec::kRopeTableFirstPosition, 5)
                                          .set(spec::kRopeTableLog2HeadDim, 6),
                                      tclm(0, 0, 20, 3), tclm(1, 1, 20, 60)};
      REQUIRE(k.run(program) == 0);
      REQUIRE(k.read(spec::kRegCommandsDone) == 5);
      REQUIRE(k.read64(spec::kRegEightTokens) == 20);
      REQUIRE(k.read64(spec::kRegFourTokens) == 20);
      REQUIRE(k.read64(spec::kRegReadBeats) == 5 * 4 + 32);
      REQUIRE(k.read64(spec::kRegWriteBeats) == 0);
      REQUIRE(k.read64(spec::kRegMacSteps) == 0);
      k.check_block();
      for (unsigned layer = 0; layer < 64; ++layer) REQUIRE(k.block(256 + 4 * layer) == (layer == 3 ? 20U : 0U));
    }
  }
}

TEST_CASE("rows go through vector memory to the value cache by the width of their token") {
  for (unsigned mode = 0; mode < 2; ++mode) {
    Kernel k(4 + mode, kModes[mode]);
    const std::uint32_t tokens = 20, words = 4, first = 37;
    const hls::Requant in{0x14000, 3}, out{0x18000, 19};
    std::vector<std::uint8_t> want(k.kv, k.kv + kKvUnits * 16);
    for (std::uint32_t t = 0; t < tokens; ++t) {
      for (std::uint32_t c = 0; c < 64; ++c) {
        const std::int32_t x = hls::requantize(static_cast<std::int8_t>(k.io[t * 64 + c]), in, INT32_MIN, INT32_MAX);
        want[(7 + c / 32 * 200) * 16 + (first + t) * 32 + c % 32] =
            static_cast<std::uint8_t>(hls::requantize_attention_code(x, out, mode == 0));
      }
    }
    REQUIRE(k.run({tclm(1, mode, tokens, 0),
                   Command(spec::kOpLoadResidual, spec::kUnitIo)
                       .set(spec::kLoadResidualTokens, tokens)
                       .set(spec::kLoadResidualWords, words)
                       .set(spec::kLoadResidualXBase, 100)
                       .set(spec::kLoadResidualXStride, 9)
                       .set(spec::kLoadResidualM0, in.m)
                       .set(spec::kLoadResidualS0, in.s),
                   Command(spec::kOpAppendV, spec::kUnitIo)
                       .wait(0, 0, 1, 1)
                       .set(spec::kAppendVOutTable, 1)
                       .set(spec::kAppendVTokens, tokens)
                       .set(spec::kAppendVFirstPosition, first)
                       .set(spec::kAppendVKvHeads, 1)
                       .set(spec::kAppendVXBase, 100)
                       .set(spec::kAppendVXStride, 9)
                       .set(spec::kAppendVLog2HeadDim, 6)
                       .set(spec::kAppendVM0, out.m)
                       .set(spec::kAppendVS0, out.s)
                       .set(spec::kAppendVDst, 7)
                       .set(spec::kAppendVTileStride, 200)}) == 0);
    REQUIRE(std::memcmp(want.data(), k.kv, want.size()) == 0);
    REQUIRE(k.read64(spec::kRegWriteBeats) == tokens * words);
  }
}

TEST_CASE("weights stream through four ports and logits leave through one") {
  for (unsigned mode = 0; mode < 2; ++mode) {
    Kernel k(6 + mode, kModes[mode]);
    // Activation memory is all zero after power-up, so every logit is: what counts is where they go.
    const std::uint32_t tokens = 3, tiles = 5, words = 16, dst = 64, stride = tiles * 8 + 3;
    std::vector<std::uint8_t> want(k.io, k.io + kStatusUnit * 16);
    for (std::uint32_t t = 0; t < tokens; ++t) std::memset(&want[(dst + t * stride) * 16], 0, tiles * 128);
    REQUIRE(k.run({Command(spec::kOpLoad, spec::kUnitLoad)
                       .set(spec::kLoadOffset, 5)
                       .set(spec::kLoadBankStride, tiles * words)
                       .set(spec::kLoadTileStride, words)
                       .set(spec::kLoadWords, words)
                       .set(spec::kLoadTiles, tiles),
                   Command(spec::kOpGemm, spec::kUnitGemm)
                       .set(spec::kGemmPost, spec::kPostLogits)
                       .set(spec::kGemmTokens, tokens)
                       .set(spec::kGemmK, 4 * words)
                       .set(spec::kGemmKs, words)
                       .set(spec::kGemmTiles, tiles)
                       .set(spec::kGemmAStride, 64)
                       .set(spec::kGemmDst, dst)
                       .set(spec::kGemmDstStride, stride)}) == 0);
    REQUIRE(std::memcmp(want.data(), k.io, want.size()) == 0);
    REQUIRE(k.read64(spec::kRegReadBeats) == 2 * 4 + 4 * tiles * words);
    REQUIRE(k.read64(spec::kRegWriteBeats) == tokens * tiles * 8);
    REQUIRE(k.read64(spec::kRegMacSteps) == tiles * 4 * words);
    k.check_block();
  }
}
