// SPDX-License-Identifier: Apache-2.0
// softmax commands of squat_vec against hls::softmax_row (every code and token score) and against libm.
#include "hls/softmax.hpp"

#include <algorithm>
#include <cmath>

#include "hls/token_control.hpp"
#include "tests/rtl/vec_bench.hpp"

using namespace squat;
using namespace squat::rtl_test;

namespace {

struct SoftmaxCase {
  std::uint32_t tokens = 1, position = 0;
  std::uint32_t extra_words = 0;
  std::uint32_t ks = 0;
  bool first_head = true;
  int spread_bits = 16;
  bool ties = false;
  hls::Requant scale{100000, 20};
};

/// Runs one command, checks every code, accumulates the token scores in `scores`; returns the cycles.
std::uint64_t check_softmax(VecBench& b, const SoftmaxCase& c, std::vector<std::uint32_t>& scores) {
  const std::uint32_t needed = (c.position + c.tokens + 15) / 16;
  const std::uint32_t out_words = c.ks ? c.ks * 4 / 16 : std::min(64U, needed + c.extra_words);
  const std::uint32_t stride = needed + b.below(2);
  const std::uint32_t base = b.below((VecBench::kVectorWords - stride * c.tokens + 1));
  const Region region{b.below(2000), c.ks ? c.ks : out_words * 16, c.ks};
  std::vector<std::vector<std::int32_t>> rows(c.tokens);
  for (std::uint32_t t = 0; t < c.tokens; ++t) {
    const std::uint32_t n = c.position + t + 1;
    const auto offset = static_cast<std::int32_t>(b.random() % (1 << 20)) - (1 << 19);
    for (std::uint32_t j = 0; j < stride * 16; ++j) {
      std::int32_t s = offset + (static_cast<std::int32_t>(b.random()) >> (32 - c.spread_bits));
      if (c.ties) s = offset + static_cast<std::int32_t>(b.random() % 2) * 1000;
      if (j >= n) s = b.random() % 2 ? INT32_MAX : INT32_MIN;  // future keys hold anything
      b.vector[(base + t * stride) * 16 + j] = s;
      if (j < n) rows[t].push_back(s);
    }
  }
  b.forget_codes();
  const std::uint64_t cycles = b.run(Command(spec::kOpSoftmax)
                                         .set(spec::kSoftmaxFirstHead, c.first_head)
                                         .set(spec::kSoftmaxTokens, c.tokens)
                                         .set(spec::kSoftmaxFirstPosition, c.position)
                                         .set(spec::kSoftmaxSBase, base)
                                         .set(spec::kSoftmaxSStride, stride)
                                         .set(spec::kSoftmaxM0, c.scale.m)
                                         .set(spec::kSoftmaxS0, c.scale.s)
                                         .set(spec::kSoftmaxOBase, region.base)
                                         .set(spec::kSoftmaxOStride, region.stride)
                                         .set(spec::kSoftmaxOKs, region.ks)
                                         .set(spec::kSoftmaxOWords, out_words));
  CHECK(b.error == -1);
  CHECK(b.words_written == std::uint64_t{c.tokens} * out_words);
  std::size_t differ = 0;
  std::size_t off_by_one = 0;
  std::size_t off_by_more = 0;
  std::size_t count = 0;
  for (std::uint32_t t = 0; t < c.tokens; ++t) {
    const auto n = static_cast<std::uint32_t>(rows[t].size());
    std::vector<std::uint8_t> expected(n);
    std::uint32_t wide0 = 0;
    hls::softmax_row(rows[t].data(), static_cast<int>(n), c.scale, expected.data(), wide0);
    scores[t] = (c.first_head ? 0 : scores[t]) + wide0;
    const std::int32_t largest = *std::max_element(rows[t].begin(), rows[t].end());
    std::vector<double> ideal(n);
    double sum = 0;
    for (std::uint32_t j = 0; j < n; ++j) {
      sum += ideal[j] = std::exp2(-(static_cast<double>(largest) - rows[t][j]) * c.scale.m *
                                  std::ldexp(1.0, -static_cast<int>(c.scale.s) - 12));
    }
    for (std::uint32_t j = 0; j < out_words * 16; ++j) {
      const int got = b.code_of(t, j, region);
      if (j >= n) {
        if (got != 0) ++differ;
        continue;
      }
      if (got != static_cast<std::int8_t>(expected[j])) ++differ;
      const double error = std::abs((got & 0xff) - std::min(255.0, std::nearbyint(ideal[j] / sum * 256)));
      ++count;
      if (error > 1) ++off_by_one;
      if (error > 2) ++off_by_more;
    }
  }
  CHECK(differ == 0);
  CHECK(off_by_one * 1000 <= count);
  CHECK(off_by_more == 0);
  return cycles;
}

/// The unit's token scores, seen through a prefix-free way: a budget TCLM whose threshold is exactly the score, then one more.
void check_scores(VecBench& b, std::uint32_t tokens, const std::vector<std::uint32_t>& scores) {
  for (std::uint32_t t = 1; t < tokens; t += 1 + tokens / 8) {
    for (const std::uint32_t more : {0U, 1U}) {
      const std::uint32_t threshold = scores[t] * (t + 1) + more;
      b.run(Command(spec::kOpTclm)
                .set(spec::kTclmRule, static_cast<std::uint32_t>(hls::WidthRule::kBudget))
                .set(spec::kTclmTokens, tokens)
                .set(spec::kTclmRhoNum, 512)
                .set(spec::kTclmThreshold, threshold));
      std::vector<std::uint8_t> eight(tokens);
      hls::assign_widths({hls::WidthRule::kBudget, 512, threshold, 0, 0}, scores.data(), static_cast<int>(tokens), 0, 0,
                         eight.data());
      for (std::uint32_t i = 0; i < tokens; ++i) CHECK(b.tables[0].eight[i] == eight[i]);
    }
  }
}

}  // namespace

TEST_CASE("softmax of a full pass from position 0, heads summed") {
  VecBench b(21);
  std::vector<std::uint32_t> scores(128);
  for (int head = 0; head < 5; ++head) {
    SoftmaxCase c;
    c.tokens = 128;
    c.first_head = head == 0;
    c.spread_bits = 10 + 3 * head;
    b.stalls(100 - 15 * head, 100 - 12 * head);
    INFO("head " << head);
    check_softmax(b, c, scores);
  }
  check_scores(b, 128, scores);
}

TEST_CASE("softmax of random shapes under random stalls") {
  VecBench b(22);
  for (int i = 0; i < 60; ++i) {
    SoftmaxCase c;
    c.tokens = 1 + b.below((i % 3 == 0 ? 128 : 20));
    c.position = b.below((i % 3 == 0 ? 60 : 1025 - c.tokens));
    c.extra_words = b.below(4);
    c.spread_bits = 4 + static_cast<int>(b.random() % 19);
    c.ties = b.random() % 5 == 0;
    c.scale = {static_cast<std::uint32_t>(65536 + b.random() % 65536), static_cast<std::uint32_t>(12 + b.random() % 14)};
    b.stalls(20 + static_cast<int>(b.random() % 81), 20 + static_cast<int>(b.random() % 81));
    INFO("case " << i << " tokens " << c.tokens << " position " << c.position);
    std::vector<std::uint32_t> scores(128);
    check_softmax(b, c, scores);
    check_scores(b, c.tokens, scores);
  }
}

TEST_CASE("softmax of the longest context and of one key") {
  VecBench b(23);
  std::vector<std::uint32_t> scores(128);
  SoftmaxCase c;
  c.tokens = 1;
  c.position = 1023;
  check_softmax(b, c, scores);
  c.ties = true;
  check_softmax(b, c, scores);
  c.tokens = 128;
  c.position = 896;
  check_softmax(b, c, scores);
  c.tokens = 1;
  c.position = 0;
  check_softmax(b, c, scores);
  c.scale = {0, 1};  // a factor too small to matter: all keys alike
  c.tokens = 3;
  c.position = 40;
  check_softmax(b, c, scores);
}

TEST_CASE("softmax into a banded region") {
  VecBench b(24);
  std::vector<std::uint32_t> scores(128);
  for (int i = 0; i < 30; ++i) {
    SoftmaxCase c;
    c.tokens = 1 + b.below(4);
    c.position = b.below(1000);
    c.ks = (c.position + c.tokens + 63) / 64 * 16;
    b.stalls(80, 60);
    INFO("tokens " << c.tokens << " position " << c.position);
    check_softmax(b, c, scores);
  }
}

TEST_CASE("softmax throughput") {
  VecBench b(25);
  std::vector<std::uint32_t> scores(128);
  for (const std::uint32_t position : {0U, 128U, 384U, 896U}) {
    SoftmaxCase c;
    c.tokens = 128;
    c.position = position;
    const std::uint64_t cycles = check_softmax(b, c, scores);
    const std::uint32_t words = (position + 128) / 16;
    c.tokens = 1;
    c.position = position + 127;
    WARN("softmax, 128 rows, " << words << " words out: " << static_cast<double>(cycles) / 128
                               << " cycles a row, one row: " << check_softmax(b, c, scores));
    CHECK(cycles <= 128 * std::max(words + 1, 12U) + 2 * words + 60);
  }
}
