// SPDX-License-Identifier: Apache-2.0
#include "hls/token_control.hpp"

#include <algorithm>
#include <cstdint>
#include <numeric>
#include <random>
#include <set>
#include <vector>

#include "tests/catch.hpp"
#include "tests/oracle/exact.hpp"
#include "tests/support/expected_widths.hpp"

namespace hls = squat::hls;
namespace oracle = squat::oracle;
using hls::WidthRule;

namespace {

struct Answer {
  std::vector<std::uint8_t> eight;
  std::uint32_t count = 0;
};

Answer ask(WidthRule rule, const oracle::WidthQuestion& q) {
  const hls::WidthParams p{rule, static_cast<std::uint32_t>(q.rho_num), static_cast<std::uint32_t>(q.threshold), q.seed,
                           q.layer};
  const std::vector<std::uint32_t> scores(q.scores.begin(), q.scores.end());
  Answer a{std::vector<std::uint8_t>(scores.size(), 7), 0};
  a.count = hls::assign_widths(p, scores.data(), static_cast<int>(scores.size()), static_cast<std::uint32_t>(q.first_position),
                               static_cast<std::uint32_t>(q.eight_before), a.eight.data());
  return a;
}

/// All seven rules; returns the number of rules whose answer differs from the oracle's.
int differences(const oracle::WidthQuestion& q) {
  int bad = 0;
  for (int rule = 0; rule <= 6; ++rule) {
    const Answer got = ask(static_cast<WidthRule>(rule), q);
    const std::vector<int> want = squat::test::expected_widths(static_cast<WidthRule>(rule), q);
    const bool same = std::equal(want.begin(), want.end(), got.eight.begin()) &&
                      got.count == q.eight_before + std::accumulate(want.begin(), want.end(), 0);
    bad += same ? 0 : 1;
  }
  return bad;
}

}  // namespace

TEST_CASE("widths equal the oracle's for every length", "[token_control]") {
  std::mt19937 random(11);
  int bad = 0;
  for (int tokens = 1; tokens <= hls::kMaxChunk; ++tokens) {
    for (int trial = 0; trial < 12; ++trial) {
      oracle::WidthQuestion q;
      // Few distinct values give many ties; trial 0: all equal, trial 1: the whole range.
      const std::uint64_t distinct = trial == 0 ? 1 : (trial == 1 ? 0xffffffffU : 1U << (trial * 2));
      for (int i = 0; i < tokens; ++i) q.scores.push_back(trial == 1 ? random() : random() % distinct);
      q.rho_num =
          trial < 3 ? std::vector<int>{0, 512, 1024}[static_cast<std::size_t>(trial)] : static_cast<int>(random() % 1025);
      q.threshold = static_cast<std::int64_t>(trial == 1 ? random() : distinct * static_cast<std::uint64_t>(tokens) / 2);
      q.seed = static_cast<std::uint32_t>(random());
      q.layer = static_cast<std::uint32_t>(random() % 64);
      bad += differences(q);
      q.first_position = 1 + static_cast<std::int64_t>(random() % 2000);
      q.eight_before = static_cast<std::int64_t>(random() % static_cast<std::uint32_t>(q.first_position + 1));
      bad += differences(q);
    }
  }
  CHECK(bad == 0);
}

TEST_CASE("sequence keeps exactly the wanted share", "[token_control]") {
  std::mt19937 random(12);
  for (const int rho : {0, 1, 256, 512, 768, 1023, 1024}) {
    for (const int tokens : {1, 2, 3, 16, 100, 128}) {
      oracle::WidthQuestion q;
      for (int i = 0; i < tokens; ++i) q.scores.push_back(random() % 50);
      q.rho_num = rho;
      const auto wanted = std::max(1, (rho * tokens + 1023) / 1024);
      for (const WidthRule rule : {WidthRule::kSequence, WidthRule::kRandom, WidthRule::kReversed}) {
        const Answer a = ask(rule, q);
        CHECK(a.count == static_cast<std::uint32_t>(wanted));
        CHECK(a.eight[0] == 1);
      }
    }
  }
}

TEST_CASE("budget: any chunking gives the same widths, and the share holds", "[token_control]") {
  std::mt19937 random(13);
  for (const int rho : {128, 256, 512, 768}) {
    const int length = 1000;
    oracle::WidthQuestion whole;
    for (int i = 0; i < length; ++i) whole.scores.push_back(random() % 100000 / static_cast<std::uint32_t>(i + 1));
    const hls::WidthParams p{WidthRule::kBudget, static_cast<std::uint32_t>(rho), 60000, 0, 0};
    const std::vector<std::uint32_t> scores(whole.scores.begin(), whole.scores.end());
    std::vector<std::vector<std::uint8_t>> results;
    for (const int chunk : {1, 7, 16, 128}) {
      std::vector<std::uint8_t> eight(static_cast<std::size_t>(length));
      std::uint32_t count = 0;
      for (int start = 0; start < length; start += chunk) {
        count = hls::assign_widths(p, scores.data() + start, std::min(chunk, length - start), static_cast<std::uint32_t>(start),
                                   count, eight.data() + start);
        const double drift = count - rho / 1024.0 * std::min(start + chunk, length);
        CHECK(std::abs(drift) <= 2.0);
      }
      results.push_back(eight);
    }
    CHECK(std::set<std::vector<std::uint8_t>>(results.begin(), results.end()).size() == 1);
  }
}

TEST_CASE("grouping is a permutation with both groups in order", "[token_control]") {
  std::mt19937 random(14);
  for (int tokens = 1; tokens <= hls::kMaxChunk; ++tokens) {
    for (const int share : {0, 1, 5, 9, 10}) {
      std::vector<std::uint8_t> eight;
      for (int i = 0; i < tokens; ++i) eight.push_back(static_cast<int>(random() % 10) < share ? 1 : 0);
      hls::Grouping g;
      hls::group_tokens(eight.data(), tokens, g);
      REQUIRE(g.tokens == tokens);
      REQUIRE(g.eight == std::accumulate(eight.begin(), eight.end(), 0));
      REQUIRE(g.first4 % hls::kSlotGroup == 0);
      REQUIRE((g.first4 >= g.eight && g.first4 < g.eight + hls::kSlotGroup));
      REQUIRE(g.slots() <= hls::kMaxSlots);
      int next[2] = {g.first4, 0};
      std::set<int> used;
      for (int i = 0; i < tokens; ++i) {
        const int slot = next[eight[static_cast<std::size_t>(i)]]++;
        REQUIRE(g.slot_of_token[i] == slot);
        REQUIRE(g.token_of_slot[slot] == i);
        used.insert(slot);
      }
      for (int s = 0; s < hls::kMaxSlots; ++s) REQUIRE((used.count(s) == 1 || g.token_of_slot[s] == 0xff));
    }
  }
}
