// SPDX-License-Identifier: Apache-2.0
// squat_vec as a unit: commands of all kinds one after the other, fields outside their range.
#include "hls/rms_norm.hpp"
#include "hls/rope.hpp"
#include "tests/rtl/vec_bench.hpp"

using namespace squat;
using namespace squat::rtl_test;

namespace {

Command norm(std::uint32_t tokens, std::uint32_t words) {
  return Command(spec::kOpNorm)
      .set(spec::kNormTokens, tokens)
      .set(spec::kNormWords, words)
      .set(spec::kNormShift, 36)
      .set(spec::kNormXStride, words)
      .set(spec::kNormEpsLow, 7)
      .set(spec::kNormOStride, words * 16);
}

Command softmax(std::uint32_t tokens, std::uint32_t position, std::uint32_t out_words) {
  return Command(spec::kOpSoftmax)
      .set(spec::kSoftmaxTokens, tokens)
      .set(spec::kSoftmaxFirstPosition, position)
      .set(spec::kSoftmaxSStride, 8)
      .set(spec::kSoftmaxM0, 100000)
      .set(spec::kSoftmaxS0, 20)
      .set(spec::kSoftmaxOWords, out_words);
}

Command tclm(std::uint32_t tokens, std::uint32_t rule) {
  return Command(spec::kOpTclm).set(spec::kTclmTokens, tokens).set(spec::kTclmRule, rule).set(spec::kTclmRhoNum, 512);
}

Command rope(std::uint32_t tokens, std::uint32_t log2_head_dim) {
  return Command(spec::kOpRopeTable).set(spec::kRopeTableTokens, tokens).set(spec::kRopeTableLog2HeadDim, log2_head_dim);
}

}  // namespace

TEST_CASE("fields outside their range end with an error and without effect") {
  VecBench b(51);
  const auto refused = [&](Command c, std::uint32_t code) {
    b.words_written = 0;
    b.rope_written = 0;
    b.run(c);
    CHECK(b.error == static_cast<int>(code));
    CHECK(b.words_written == 0);
    CHECK(b.rope_written == 0);
  };
  refused(norm(0, 4), spec::kErrorBadParameter);
  refused(norm(129, 4), spec::kErrorBadParameter);
  refused(norm(1, 0), spec::kErrorBadParameter);
  refused(norm(1, 65), spec::kErrorBadParameter);
  refused(norm(1, 4).set(spec::kNormShift, 0), spec::kErrorBadParameter);
  refused(norm(1, 4).set(spec::kNormOKs, 24), spec::kErrorBadParameter);
  refused(norm(2, 4).set(spec::kNormFirstToken, 127), spec::kErrorBadParameter);
  const auto layer_norm = [] { return norm(1, 4).set(spec::kNormCentred, 1).set(spec::kNormM0, 65536).set(spec::kNormS0, 22); };
  refused(layer_norm().set(spec::kNormShift, 8), spec::kErrorBadParameter);
  refused(layer_norm().set(spec::kNormS0, 0), spec::kErrorBadParameter);
  refused(layer_norm().set(spec::kNormS0, 47), spec::kErrorBadParameter);
  refused(softmax(0, 0, 8), spec::kErrorBadParameter);
  refused(softmax(1, 0, 0), spec::kErrorBadParameter);
  refused(softmax(1, 0, 65), spec::kErrorBadParameter);
  refused(softmax(1, 128, 8), spec::kErrorBadParameter);  // 129 keys, 128 columns
  refused(softmax(1, 65535, 64), spec::kErrorBadParameter);
  refused(tclm(0, 0), spec::kErrorBadParameter);
  refused(tclm(1, 7), spec::kErrorBadParameter);
  refused(rope(1, 4), spec::kErrorBadParameter);
  refused(rope(129, 6), spec::kErrorBadParameter);
  refused(Command(spec::kOpGemm).set(spec::kNormTokens, 1), spec::kErrorBadCommand);
  refused(Command(0), spec::kErrorBadCommand);

  // and the unit still works
  b.run(norm(3, 4));
  CHECK(b.error == -1);
  CHECK(b.words_written == 12);
  b.words_written = 0;
  b.run(layer_norm().set(spec::kNormShift, 9).set(spec::kNormS0, 46));
  CHECK(b.error == -1);
  CHECK(b.words_written == 4);
}

TEST_CASE("commands of all kinds in any order") {
  VecBench b(52);
  b.stalls(60, 60);
  for (int i = 0; i < 200; ++i) {
    const auto tokens = 1 + b.below(20);
    const auto words = 1 + b.below(8);
    b.words_written = 0;
    b.rope_written = 0;
    switch (b.random() % 4) {
      case 0: {
        std::vector<std::int32_t> gain(words * 16);
        for (std::uint32_t k = 0; k < words * 16; ++k) {
          gain[k] = static_cast<std::int32_t>(b.random() % 50000) - 25000;
          b.gain[k / 16][k % 16] = static_cast<std::uint32_t>(gain[k]);
        }
        b.run(norm(tokens, words));
        CHECK(b.words_written == tokens * words);
        std::vector<std::int8_t> expected(words * 16);
        std::size_t wrong = 0;
        for (std::uint32_t t = 0; t < tokens; ++t) {
          hls::rms_norm(&b.vector[t * words * 16], static_cast<int>(words * 16), gain.data(), {7, 36}, true, expected.data());
          for (std::uint32_t k = 0; k < words * 16; ++k) wrong += b.code_of(t, k, {0, words * 16, 0}) != expected[k];
        }
        CHECK(wrong == 0);
        break;
      }
      case 1:
        b.run(softmax(tokens, 100, 8));
        CHECK(b.words_written == tokens * 8);
        break;
      case 2:
        b.run(tclm(tokens, b.below(7)));
        CHECK(b.tables[0].count == tokens);
        break;
      default:
        b.run(rope(tokens, 6));
        CHECK(b.rope_written == tokens * 32);
        break;
    }
    CHECK(b.error == -1);
  }
}
