// SPDX-License-Identifier: Apache-2.0
// The four commands of the io unit against plain C++ oracles, with stalls on every AXI channel and on every memory.
#include <algorithm>
#include <cstring>
#include <vector>

#include "hls/requantize.hpp"
#include "tests/oracle/memory_sum.hpp"
#include "tests/rtl/io_bench.hpp"

namespace {
using namespace squat;
using namespace squat::test;
using namespace squat::test::io;
}  // namespace

TEST_CASE("load_residual scales rows into vector memory, or adds them to what is there") {
  for (unsigned seed = 0; seed < 24; ++seed) {
    Bench b(seed, kModes[seed % 3], seed % 3 * 60);
    for (int round = 0; round < 3; ++round) {
      const std::uint32_t tokens = seed == 0 ? 128 : b.pick(1, 40), words = seed == 1 ? 64 : b.pick(1, 24),
                          stride = words + b.pick(0, 9), add = b.pick(0, 1);
      const std::uint32_t base = b.pick(0, kVsram - (tokens - 1) * stride - words), src = b.pick(0, kIoUnits - tokens * words);
      const hls::Requant r{b.pick(0x10000, 0x1ffff), b.pick(1, 30)};
      std::vector<std::int32_t> want = b.vsram;
      for (std::uint32_t t = 0; t < tokens; ++t) {
        for (std::uint32_t i = 0; i < words * 16; ++i) {
          const auto c = static_cast<std::int8_t>(b.io[src * 16 + t * words * 16 + i]);
          std::int32_t& x = want[(base + t * stride) * 16 + i];
          x = (add ? x : 0) + hls::requantize(c, r, INT32_MIN, INT32_MAX);
        }
      }
      b.run(command(spec::kOpLoadResidual)
                .set(spec::kLoadResidualAdd, add)
                .set(spec::kLoadResidualTokens, tokens)
                .set(spec::kLoadResidualWords, words)
                .set(spec::kLoadResidualXBase, base)
                .set(spec::kLoadResidualXStride, stride)
                .set(spec::kLoadResidualM0, r.m)
                .set(spec::kLoadResidualS0, r.s)
                .set(spec::kLoadResidualSrc, src));
      REQUIRE(b.vsram == want);
    }
  }
}

TEST_CASE("load_params fills the buffer it names, from the word it names") {
  const std::uint32_t sizes[] = {128, 128, spec::kSimBiasDepth, 4};  // gain, beta, bias, RoPE steps
  for (unsigned seed = 0; seed < 24; ++seed) {
    Bench b(seed, kModes[seed % 3], 0);
    for (unsigned buffer = 0; buffer < 4; ++buffer) {
      // At most as many words as the weight image of this bench has; seed 0 reaches the last word of every buffer.
      const std::uint32_t words =
          std::min<std::uint32_t>(seed == 0 ? sizes[buffer] : b.pick(1, sizes[buffer]), kWeightUnits / 4);
      const std::uint32_t word = seed == 0 ? sizes[buffer] - words : b.pick(0, sizes[buffer] - words);
      const std::uint32_t count = words * 16 - 4 * b.pick(0, 3), src = b.pick(0, kWeightUnits - count / 4);
      b.param_writes = 0;
      b.run(command(spec::kOpLoadParams)
                .set(spec::kLoadParamsBuffer, buffer)
                .set(spec::kLoadParamsWord, word)
                .set(spec::kLoadParamsCount, count)
                .set(spec::kLoadParamsSrc, src));
      REQUIRE(b.param_writes == words);
      for (std::uint32_t i = 0; i < words * 16; ++i) {
        std::uint32_t want = 0;
        if (i < count) std::memcpy(&want, b.weights + src * 16 + i * 4, 4);
        REQUIRE(b.params[buffer][word + i / 16][i % 16] == want);
      }
    }
  }
}

TEST_CASE("append_k transposes key codes into the cache and leaves other positions alone") {
  for (unsigned seed = 0; seed < 40; ++seed) {
    Bench b(seed, kModes[seed % 3], seed % 3 * 50);
    const std::uint32_t log2 = b.pick(5, 7), dim = 1U << log2, heads = b.pick(1, seed % 4 ? 3 : 5);
    const std::uint32_t tokens = seed < 4 ? 128 : (seed < 12 ? 1 : b.pick(1, 128)), first = seed < 2 ? 0 : b.pick(0, 300);
    const std::uint32_t stride = heads * dim + b.pick(0, 40), base = b.pick(0, 1000);
    const std::uint32_t blocks = 14, head_stride = blocks * 2 * dim, dst = b.pick(0, kKvUnits - heads * head_stride);
    std::uint32_t sum = 0;
    std::vector<std::uint8_t> want(b.kv, b.kv + kKvUnits * 16);
    for (std::uint32_t h = 0; h < heads; ++h) {
      for (std::uint32_t t = 0; t < tokens; ++t) {
        const std::uint32_t p = first + t;
        for (std::uint32_t d = 0; d < dim; ++d) {
          const std::uint8_t code = b.code(base, stride, first % 16 + t, h * dim + d);
          want[(dst + h * head_stride) * 16 + (p / 32 * dim + d) * 32 + p % 32] = code;
          sum ^= oracle::memory_sum(code, p % 16, 2 * d + p / 16 % 2);
        }
      }
    }
    b.run(command(spec::kOpAppendK)
              .set(spec::kAppendKTokens, tokens)
              .set(spec::kAppendKFirstPosition, first)
              .set(spec::kAppendKKvHeads, heads)
              .set(spec::kAppendKABase, base)
              .set(spec::kAppendKAStride, stride)
              .set(spec::kAppendKLog2HeadDim, log2)
              .set(spec::kAppendKDst, dst)
              .set(spec::kAppendKHeadStride, head_stride));
    REQUIRE(std::memcmp(want.data(), b.kv, want.size()) == 0);
    REQUIRE(b.dut.written_o == sum);
  }
}

TEST_CASE("append_v quantises raw values by the width of their token") {
  for (unsigned seed = 0; seed < 40; ++seed) {
    Bench b(seed, kModes[seed % 3], seed % 3 * 50);
    const std::uint32_t log2 = b.pick(5, 7), dim = 1U << log2, heads = b.pick(1, 3), table = b.pick(0, 1);
    const std::uint32_t tokens = seed < 4 ? 128 : (seed < 12 ? 1 : b.pick(1, 128)), first = b.pick(0, 300);
    const std::uint32_t stride = heads * dim / 16 + b.pick(0, 5),
                        base = b.pick(0, kVsram - (tokens - 1) * stride - heads * dim / 16);
    const std::uint32_t tile_stride = 2 * (first + tokens) + b.pick(0, 40), head_stride = tile_stride * dim / 32 + b.pick(0, 9);
    const std::uint32_t dst = b.pick(0, kKvUnits - heads * head_stride);
    const hls::Requant r{b.pick(0x10000, 0x1ffff), b.pick(20, 32)};
    std::uint32_t sum = 0;
    std::vector<std::uint8_t> want(b.kv, b.kv + kKvUnits * 16);
    for (std::uint32_t t = 0; t < tokens; ++t) {
      for (std::uint32_t c = 0; c < heads * dim; ++c) {
        const std::int8_t code = hls::requantize_attention_code(b.vsram[(base + t * stride) * 16 + c], r, b.eight[table][t]);
        want[(dst + c / dim * head_stride + c % dim / 32 * tile_stride) * 16 + (first + t) * 32 + c % 32] =
            static_cast<std::uint8_t>(code);
        sum ^= oracle::memory_sum(static_cast<std::uint8_t>(code), c % 16, 2 * (first + t) + c / 16 % 2);
      }
    }
    b.run(command(spec::kOpAppendV)
              .set(spec::kAppendVOutTable, table)
              .set(spec::kAppendVTokens, tokens)
              .set(spec::kAppendVFirstPosition, first)
              .set(spec::kAppendVKvHeads, heads)
              .set(spec::kAppendVXBase, base)
              .set(spec::kAppendVXStride, stride)
              .set(spec::kAppendVLog2HeadDim, log2)
              .set(spec::kAppendVM0, r.m)
              .set(spec::kAppendVS0, r.s)
              .set(spec::kAppendVDst, dst)
              .set(spec::kAppendVHeadStride, head_stride)
              .set(spec::kAppendVTileStride, tile_stride));
    REQUIRE(std::memcmp(want.data(), b.kv, want.size()) == 0);
    REQUIRE(b.dut.written_o == sum);
  }
}

TEST_CASE("without stalls the io unit moves one beat per cycle") {
  Bench b(1, kModes[0], 0);
  const auto cycles = [&](const Command& c) {
    const unsigned before = b.dones;
    b.send(c);
    unsigned n = 0;
    for (; b.dones == before && n < 100000; ++n) b.clock();
    return n;
  };
  const unsigned residual = cycles(command(spec::kOpLoadResidual)
                                       .set(spec::kLoadResidualTokens, 64)
                                       .set(spec::kLoadResidualWords, 32)
                                       .set(spec::kLoadResidualXStride, 32)
                                       .set(spec::kLoadResidualM0, 0x10000)
                                       .set(spec::kLoadResidualS0, 10));
  REQUIRE(residual < 64 * 32 + 40);
  const unsigned added = cycles(command(spec::kOpLoadResidual)
                                    .set(spec::kLoadResidualAdd, 1)
                                    .set(spec::kLoadResidualTokens, 64)
                                    .set(spec::kLoadResidualWords, 32)
                                    .set(spec::kLoadResidualXStride, 32)
                                    .set(spec::kLoadResidualM0, 0x10000)
                                    .set(spec::kLoadResidualS0, 10));
  REQUIRE(added == residual);
  const unsigned k = cycles(command(spec::kOpAppendK)
                                .set(spec::kAppendKTokens, 128)
                                .set(spec::kAppendKKvHeads, 2)
                                .set(spec::kAppendKAStride, 128)
                                .set(spec::kAppendKLog2HeadDim, 6)
                                .set(spec::kAppendKHeadStride, 1024));
  REQUIRE(k < 2 * 4 * 128 + 2 * 4 * 3 + 40);
  const unsigned v = cycles(command(spec::kOpAppendV)
                                .set(spec::kAppendVTokens, 128)
                                .set(spec::kAppendVKvHeads, 2)
                                .set(spec::kAppendVXStride, 8)
                                .set(spec::kAppendVLog2HeadDim, 6)
                                .set(spec::kAppendVM0, 0x10000)
                                .set(spec::kAppendVS0, 30)
                                .set(spec::kAppendVHeadStride, 1024)
                                .set(spec::kAppendVTileStride, 512));
  REQUIRE(v < 4 * 256 + 4 * 3 + 40);
}
