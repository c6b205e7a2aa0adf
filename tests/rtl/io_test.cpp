// SPDX-License-Identifier: Apache-2.0
// The four commands of the io unit against plain C++ oracles, with stalls on every AXI channel and on every memory.
#include <algorithm>
#include <cstdint>
#include <cstring>
#include <deque>
#include <random>
#include <vector>

#include "Vsquat_io_bench.h"
#include "hls/requantize.hpp"
#include "tests/catch.hpp"
#include "tests/oracle/memory_sum.hpp"
#include "tests/rtl/axi_memory.hpp"
#include "tests/rtl/commands.hpp"

namespace {
using namespace squat;
using namespace squat::test;

constexpr std::uint64_t kIo = 0x1'0000'0000, kKv = 0x2'0000'1000, kWeights = 0x3'0000'0ff0;
constexpr std::size_t kIoUnits = 0x1000, kKvUnits = 0x4000, kWeightUnits = 0x400;
constexpr unsigned kVsram = spec::kSimVsramDepth, kAsram = spec::kSimAsramDepth;

struct Bench {
  AxiMemory memory;
  std::uint8_t* io = memory.add(kIo, kIoUnits * 16);
  std::uint8_t* kv = memory.add(kKv, kKvUnits * 16);
  std::uint8_t* weights = memory.add(kWeights, kWeightUnits * 16);
  AxiReadPort reads;
  AxiWritePort writes;
  Vsquat_io_bench dut;
  std::mt19937 random;
  unsigned stall;
  std::vector<std::int32_t> vsram = std::vector<std::int32_t>(kVsram * 16);
  std::vector<std::uint8_t> asram = std::vector<std::uint8_t>(2 * 16 * kAsram);  // [half][bank][address]
  bool eight[2][128] = {};
  std::uint32_t params[4][1024][16] = {};  // buffer, word, value
  unsigned param_writes = 0, dones = 0, errors = 0, error_code = 0, axi_errors[2] = {};
  struct Read {
    bool valid = false;
    std::array<std::uint32_t, 16> data{};
  };
  Read vpipe[2], apipe[2];

  Bench(unsigned seed, Stalls stalls, unsigned chance)
      : reads(memory, seed, stalls), writes(memory, seed + 1, stalls), random(seed + 2), stall(chance) {
    for (std::size_t i = 0; i < kIoUnits * 16; ++i) io[i] = byte();
    for (std::size_t i = 0; i < kKvUnits * 16; ++i) kv[i] = byte();
    for (std::size_t i = 0; i < kWeightUnits * 16; ++i) weights[i] = byte();
    for (auto& b : asram) b = byte();
    for (auto& v : vsram) v = static_cast<std::int32_t>(random() % 200001) - 100000;
    for (auto& table : eight) {
      for (bool& e : table) e = random() % 2;
    }
    dut.w0_base_i = kWeights, dut.kv_base_i = kKv, dut.io_base_i = kIo;
    dut.weights_units_i = kWeightUnits, dut.kv_units_i = kKvUnits, dut.io_units_i = kIoUnits;
    reset();
  }
  void reset() {
    dut.rst_ni = 0;
    dut.cmd_valid_i = 0;
    for (int i = 0; i < 3; ++i) clock();
    dut.rst_ni = 1;
  }
  std::uint8_t byte() { return static_cast<std::uint8_t>(random()); }
  bool rest() { return (random() & 255) < stall; }

  void clock() {
    dut.clk_i = 0;
    SQUAT_AXI_READ_IN(dut, m_, reads);
    SQUAT_AXI_WRITE_IN(dut, m_, writes);
    dut.vrd_ready_i = !rest(), dut.vwr_ready_i = !rest(), dut.ard_ready_i = !rest();
    dut.vrd_rvalid_i = vpipe[1].valid, dut.ard_rvalid_i = apipe[1].valid;
    for (unsigned i = 0; i < 16; ++i) dut.vrd_data_i[i] = vpipe[1].data[i];
    for (unsigned i = 0; i < 4; ++i) dut.ard_data_i[i] = apipe[1].data[i];
    dut.eval();
    dut.q_eight_i = eight[dut.q_table_o][dut.q_token_o];
    dut.eval();
    vpipe[1] = vpipe[0], apipe[1] = apipe[0];
    vpipe[0].valid = dut.vrd_valid_o && dut.vrd_ready_i;
    if (vpipe[0].valid) {
      for (unsigned i = 0; i < 16; ++i) vpipe[0].data[i] = static_cast<std::uint32_t>(vsram[dut.vrd_addr_o * 16U + i]);
    }
    apipe[0].valid = dut.ard_valid_o && dut.ard_ready_i;
    if (apipe[0].valid) {
      apipe[0].data = {};
      for (unsigned r = 0; r < 16; ++r) {
        const std::uint32_t b = asram[(dut.ard_half_o * 16U + (dut.ard_rot_o + r) % 16) * kAsram + dut.ard_addr_o];
        apipe[0].data[r / 4] |= b << 8 * (r % 4);
      }
    }
    if (dut.vwr_valid_o && dut.vwr_ready_i) {
      for (unsigned i = 0; i < 16; ++i) vsram[dut.vwr_addr_o * 16U + i] = static_cast<std::int32_t>(dut.vwr_data_o[i]);
    }
    if (dut.par_wr_valid_o) {
      ++param_writes;
      for (unsigned i = 0; i < 16; ++i) params[dut.par_wr_buffer_o][dut.par_wr_word_o][i] = dut.par_wr_data_o[i];
    }
    if (dut.rst_ni) {
      dones += dut.done_o;
      if (dut.err_valid_o) ++errors, error_code = dut.err_code_o;
      axi_errors[0] += dut.axi_err_o & 1, axi_errors[1] += dut.axi_err_o >> 1;
    }
    SQUAT_AXI_READ_CLOCK(dut, m_, reads);
    SQUAT_AXI_WRITE_CLOCK(dut, m_, writes);
    dut.clk_i = 1;
    dut.eval();
  }
  void send(const Command& command) {
    for (unsigned i = 0; i < 16; ++i) dut.cmd_i[i] = command.words[i];
    dut.cmd_valid_i = 1;
    for (bool taken = false; !taken;) {
      dut.clk_i = 0;
      dut.eval();
      taken = dut.cmd_ready_o;
      clock();
    }
    dut.cmd_valid_i = 0;
  }
  void run(const Command& command) {
    const unsigned before = dones;
    send(command);
    for (int i = 0; i < 400000 && dones == before && errors == 0; ++i) clock();
    REQUIRE(errors == 0);
    REQUIRE(dones == before + 1);
    REQUIRE(writes.idle());
  }
  /// Where the contract puts the code of a slot and column.
  std::uint8_t& code(unsigned base, unsigned stride, unsigned slot, unsigned column) {
    return asram[((slot / 16 & 1) * 16 + (slot + column) % 16) * kAsram + base + slot / 32 * stride + column];
  }
  std::uint32_t pick(std::uint32_t low, std::uint32_t high) {
    return low + static_cast<std::uint32_t>(random() % (high - low + 1));
  }
};

const Stalls kModes[] = {{0, 0, 0, 4, false}, {90, 90, 90, 12, false}, {200, 30, 200, 40, false}};

Command command(std::uint32_t opcode) { return Command(opcode, spec::kUnitIo); }
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

TEST_CASE("ranges outside their buffer are refused before anything is issued") {
  const auto refused = [](const Command& c) {
    Bench b(3, kModes[0], 0);
    b.send(c);
    for (int i = 0; i < 2000; ++i) b.clock();
    REQUIRE(b.dones == 0);
    REQUIRE(b.errors == 1);
    REQUIRE(b.error_code == spec::kErrorBadAddress);
    REQUIRE(b.reads.beats() == 0);
    REQUIRE(b.writes.beats() == 0);
    b.reset();  // and the unit works again
    b.errors = 0;
    b.run(command(spec::kOpLoadParams).set(spec::kLoadParamsCount, 16));
  };
  const Command residual = command(spec::kOpLoadResidual)
                               .set(spec::kLoadResidualTokens, 2)
                               .set(spec::kLoadResidualWords, 4)
                               .set(spec::kLoadResidualXStride, 4)
                               .set(spec::kLoadResidualM0, 0x10000)
                               .set(spec::kLoadResidualS0, 1);
  refused(Command(residual).set(spec::kLoadResidualSrc, kIoUnits - 7));
  refused(Command(residual).set(spec::kLoadResidualSrc, 0xfffffffc));
  refused(command(spec::kOpLoadParams).set(spec::kLoadParamsCount, 64).set(spec::kLoadParamsSrc, kWeightUnits - 15));
  refused(command(spec::kOpAppendK)
              .set(spec::kAppendKTokens, 1)
              .set(spec::kAppendKKvHeads, 1)
              .set(spec::kAppendKLog2HeadDim, 6)
              .set(spec::kAppendKDst, kKvUnits - 127));
  refused(command(spec::kOpAppendV)
              .set(spec::kAppendVTokens, 4)
              .set(spec::kAppendVKvHeads, 1)
              .set(spec::kAppendVLog2HeadDim, 5)
              .set(spec::kAppendVM0, 0x10000)
              .set(spec::kAppendVS0, 1)
              .set(spec::kAppendVFirstPosition, 3)
              .set(spec::kAppendVDst, kKvUnits - 13));
}

TEST_CASE("the last unit of every buffer may be used") {
  Bench b(4, kModes[1], 0);
  b.run(command(spec::kOpLoadResidual)
            .set(spec::kLoadResidualTokens, 2)
            .set(spec::kLoadResidualWords, 4)
            .set(spec::kLoadResidualXStride, 4)
            .set(spec::kLoadResidualXBase, kVsram - 8)
            .set(spec::kLoadResidualM0, 0x10000)
            .set(spec::kLoadResidualS0, 1)
            .set(spec::kLoadResidualSrc, kIoUnits - 8));
  b.run(command(spec::kOpLoadParams).set(spec::kLoadParamsCount, 64).set(spec::kLoadParamsSrc, kWeightUnits - 16));
  b.run(command(spec::kOpAppendK)
            .set(spec::kAppendKTokens, 1)
            .set(spec::kAppendKKvHeads, 1)
            .set(spec::kAppendKLog2HeadDim, 6)
            .set(spec::kAppendKDst, kKvUnits - 128));
  b.run(command(spec::kOpAppendV)
            .set(spec::kAppendVTokens, 4)
            .set(spec::kAppendVKvHeads, 1)
            .set(spec::kAppendVLog2HeadDim, 5)
            .set(spec::kAppendVM0, 0x10000)
            .set(spec::kAppendVS0, 1)
            .set(spec::kAppendVFirstPosition, 3)
            .set(spec::kAppendVDst, kKvUnits - 14));
}

TEST_CASE("fields out of range are refused") {
  const auto refused = [](const Command& c) {
    Bench b(5, kModes[0], 0);
    b.send(c);
    for (int i = 0; i < 100; ++i) b.clock();
    REQUIRE(b.errors == 1);
    REQUIRE(b.error_code == spec::kErrorBadParameter);
    REQUIRE(b.dones == 0);
  };
  const Command residual = command(spec::kOpLoadResidual)
                               .set(spec::kLoadResidualTokens, 2)
                               .set(spec::kLoadResidualWords, 4)
                               .set(spec::kLoadResidualXStride, 4)
                               .set(spec::kLoadResidualM0, 0x10000)
                               .set(spec::kLoadResidualS0, 1);
  refused(Command(residual).set(spec::kLoadResidualTokens, 0));
  refused(Command(residual).set(spec::kLoadResidualTokens, 129));
  refused(Command(residual).set(spec::kLoadResidualWords, 0));
  refused(Command(residual).set(spec::kLoadResidualS0, 0));
  refused(Command(residual).set(spec::kLoadResidualS0, 47));
  refused(Command(residual).set(spec::kLoadResidualXBase, kVsram - 7));
  refused(command(spec::kOpLoadParams).set(spec::kLoadParamsCount, 0));
  refused(command(spec::kOpLoadParams).set(spec::kLoadParamsCount, 6));
  const std::uint32_t sizes[] = {128, 128, spec::kSimBiasDepth, 4};
  for (std::uint32_t buffer = 0; buffer < 4; ++buffer) {
    const Command params = command(spec::kOpLoadParams).set(spec::kLoadParamsBuffer, buffer);
    refused(Command(params).set(spec::kLoadParamsCount, sizes[buffer] * 16 + 4));
    refused(Command(params).set(spec::kLoadParamsCount, 20).set(spec::kLoadParamsWord, sizes[buffer] - 1));
    refused(Command(params).set(spec::kLoadParamsCount, 32764));
  }
  refused(Command(residual).set(spec::kLoadResidualAdd, 1).set(spec::kLoadResidualXBase, kVsram - 7));
  const Command k =
      command(spec::kOpAppendK).set(spec::kAppendKTokens, 2).set(spec::kAppendKKvHeads, 1).set(spec::kAppendKLog2HeadDim, 6);
  refused(Command(k).set(spec::kAppendKKvHeads, 0));
  refused(Command(k).set(spec::kAppendKLog2HeadDim, 4));
  refused(Command(k).set(spec::kAppendKABase, kAsram - 63));
  const Command v = command(spec::kOpAppendV)
                        .set(spec::kAppendVTokens, 2)
                        .set(spec::kAppendVKvHeads, 1)
                        .set(spec::kAppendVLog2HeadDim, 6)
                        .set(spec::kAppendVXStride, 4)
                        .set(spec::kAppendVS0, 9);
  refused(Command(v).set(spec::kAppendVS0, 0));
  refused(Command(v).set(spec::kAppendVXBase, kVsram - 7));
}

TEST_CASE("error responses are reported to the io client") {
  Bench b(6, kModes[1], 0);
  b.memory.fault(kWeights + 64, kWeights + 80);
  b.send(command(spec::kOpLoadParams).set(spec::kLoadParamsCount, 64));
  for (int i = 0; i < 500; ++i) b.clock();
  REQUIRE(b.axi_errors[1] == 1);
  Bench c(7, kModes[1], 0);
  c.memory.fault(kKv + 64, kKv + 80);
  c.send(command(spec::kOpAppendV)
             .set(spec::kAppendVTokens, 4)
             .set(spec::kAppendVKvHeads, 1)
             .set(spec::kAppendVLog2HeadDim, 5)
             .set(spec::kAppendVM0, 0x10000)
             .set(spec::kAppendVS0, 1));
  for (int i = 0; i < 500; ++i) c.clock();
  REQUIRE(c.axi_errors[0] == 1);
}
