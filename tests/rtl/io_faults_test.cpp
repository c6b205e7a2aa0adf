// SPDX-License-Identifier: Apache-2.0
// What the io unit refuses: ranges, fields, damaged data, error responses; and what it just still takes.
#include <vector>

#include "tests/oracle/crc32.hpp"
#include "tests/rtl/io_bench.hpp"

namespace {
using namespace squat;
using namespace squat::test;
using namespace squat::test::io;
}  // namespace

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

TEST_CASE("loads with another CRC-32 than their command says are refused, any single bit of it") {
  for (unsigned bit = 0; bit < 33; ++bit) {  // bit 32: the right sum
    for (const bool residual : {false, true}) {
      Bench b(60 + bit, kModes[bit % 3], bit % 3 * 50);
      const std::uint32_t units = residual ? 3 * 5 : 9, src = 40 + bit;
      const std::uint32_t sum = oracle::crc32((residual ? b.io : b.weights) + src * 16, units * 16);
      const std::uint32_t said = bit < 32 ? sum ^ 1U << bit : sum;
      const Command load = residual ? command(spec::kOpLoadResidual)
                                          .set(spec::kLoadResidualTokens, 3)
                                          .set(spec::kLoadResidualWords, 5)
                                          .set(spec::kLoadResidualXStride, 5)
                                          .set(spec::kLoadResidualM0, 0x10000)
                                          .set(spec::kLoadResidualS0, 10)
                                          .set(spec::kLoadResidualSrc, src)
                                          .set(spec::kLoadResidualChecked, 1)
                                          .set(spec::kLoadResidualCrc, said)
                                    : command(spec::kOpLoadParams)
                                          .set(spec::kLoadParamsCount, 36)
                                          .set(spec::kLoadParamsSrc, src)
                                          .set(spec::kLoadParamsChecked, 1)
                                          .set(spec::kLoadParamsCrc, said);
      if (bit == 32) {
        b.run(load);
        continue;
      }
      b.send(load);
      for (int i = 0; i < 2000; ++i) b.clock();
      REQUIRE(b.errors == 1);
      REQUIRE(b.error_code == spec::kErrorBadCrc);
      REQUIRE(b.dones == 0);
    }
  }
}
