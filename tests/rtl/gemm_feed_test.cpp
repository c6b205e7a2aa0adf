// SPDX-License-Identifier: Apache-2.0
// Loader and weight ring against a memory model: every word of every tile, burst rules, space, order of completion, CRC,
// errors.
#include "tests/rtl/gemm_feed_bench.hpp"

using namespace squat;
using namespace squat::test;

TEST_CASE("weight feed: random loads under random stalls") {
  const double stall = GENERATE(0.0, 0.3, 0.8);
  FeedBench b(static_cast<std::uint32_t>(100 * stall) + 5);
  b.memory.ar_stall = stall;
  b.memory.r_stall = stall / 2;
  b.memory.latency = stall > 0.5 ? 60 : 12;
  b.read_stall = stall / 4;
  b.command_stall = stall / 2;
  std::uint32_t sum = 0;
  for (int i = 0; i < 120; ++i) {
    b.commands.push_back(b.random_load());
    sum ^= b.cache_sum(b.commands.back());
  }
  b.run(2'000'000);
  CHECK(b.top.sum_o == sum);
  CHECK(b.error == -1);
  CHECK(b.done == 120);
  CHECK(b.memory.idle());
  CHECK(b.tiles_read >= 120);
}

TEST_CASE("weight feed: one beat per port and cycle, bursts outstanding") {
  FeedBench b(9);
  b.memory.latency = 100;
  // Eight bursts of 31 beats fit the ring; the consumer reads each word of a tile twice, so the ring is full all the time.
  b.commands.push_back({false, 0, 1000, 31 * kBeatWords, 31 * kBeatWords, 30});
  b.run(100'000);
  CHECK(b.memory.max_outstanding >= 4);
  CHECK(b.cycles < 62 * kBeatWords * 30 + 200);
}

TEST_CASE("weight feed: tiles of the next command are fetched while the first waits") {
  FeedBench b(10);
  b.read_stall = 1.0;
  for (int i = 0; i < 4; ++i) b.commands.push_back({i % 2 == 1, 64U * static_cast<std::uint32_t>(i), 128, 32, 32, 2});
  for (int i = 0; i < 2000; ++i) b.cycle();
  CHECK(b.accepted == 4);
  CHECK(b.done == 4);
  CHECK(b.memory.beats[3] == 256);
}

TEST_CASE("weight feed: ranges beyond the buffer are refused") {
  const bool kv = GENERATE(false, true);
  constexpr std::uint32_t kFar = 0U - kBeatWords;
  struct Case {
    Load load;
    std::uint64_t beats;  // of port 3 before the error
  };
  const Case c = GENERATE(Case{{false, kUnits - 64 + kBeatWords, 0, 64, 64, 1}, 0}, Case{{false, 0, kUnits, 64, 8, 1}, 0},
                          Case{{false, kUnits - 64, 0, 32 + kBeatWords, 32, 2}, 32}, Case{{false, 0, kFar, 64, 8, 1}, 0},
                          Case{{false, kFar, 0, 64, 8, 1}, 0}, Case{{false, 0, 0, kFar, 8, 3}, 8});
  FeedBench b(21);
  Load l = c.load;
  l.kv = kv;
  b.commands.push_back(l);
  b.run(5000);
  CHECK(b.error == static_cast<int>(spec::kErrorBadAddress));
  for (int i = 0; i < 500; ++i) b.cycle();
  CHECK(b.memory.beats[3] == c.beats);
  CHECK(b.done == 0);
  CHECK(b.top.cmd_ready_o == 0);
}

TEST_CASE("weight feed: an error response ends the run") {
  FeedBench b(22);
  b.memory.bad_address = b.memory.base + 16 * (2000 + 77 + 2 * kBeatWords);
  b.memory.ar_stall = b.memory.r_stall = 0.3;
  for (int i = 0; i < 5; ++i) b.commands.push_back({false, 0, 1000, 100, 100, 2});
  b.run(20000);
  CHECK(b.error == static_cast<int>(spec::kErrorAxiRead));
  for (int i = 0; i < 1000; ++i) b.cycle();
  CHECK(b.memory.idle());
  CHECK(b.top.m_arvalid_o == 0);
}

TEST_CASE("weight feed: one flipped bit anywhere fails its command, and none after it completes") {
  std::mt19937 random(31);
  for (unsigned run = 0; run < 300; ++run) {
    INFO("run " << run);
    FeedBench b(400 + run);
    b.memory.r_stall = run % 3 == 0 ? 0.0 : 0.4;
    constexpr unsigned kCommands = 6;
    for (unsigned i = 0; i < kCommands; ++i) {
      // Ranges of their own, so that the flip is in one command only.
      Load l{false,
             1000 * i,
             200,
             40,
             kBeatWords * (1 + static_cast<std::uint32_t>(random()) % (40 / kBeatWords)),
             1 + static_cast<std::uint32_t>(random()) % 4};
      l.crc = b.sums(l);
      b.commands.push_back(l);
    }
    const unsigned damaged = static_cast<unsigned>(random()) % kCommands;
    const Load& l = b.commands[damaged];
    std::uint8_t* at = b.word(l, static_cast<std::uint32_t>(random()) % l.tiles, random() & 3U,
                              static_cast<std::uint32_t>(random()) % l.words) +
                       random() % 16;
    *at = static_cast<std::uint8_t>(*at ^ 1U << random() % 8);
    b.run(20000);
    REQUIRE(b.error == static_cast<int>(spec::kErrorBadCrc));
    for (int i = 0; i < 300; ++i) b.cycle();
    REQUIRE(b.done <= damaged);
    REQUIRE(b.top.cmd_ready_o == 0);
  }
}

TEST_CASE("weight feed: fields out of range") {
  const Load l =
      GENERATE(Load{false, 0, 0, 0, 0, 1}, Load{false, 0, 0, 0, kDepth + 1, 1}, Load{false, 0, 0, 0, 8191, 1},
               Load{false, 0, 0, 0, 8, 0}, Load{false, 0, 0, 0, kBlocks < 4 ? 8U : 0U, 8, std::nullopt, std::min(kBlocks, 3U)});
  FeedBench b(23);
  b.commands.push_back(l);
  b.run(100);
  CHECK(b.error == static_cast<int>(spec::kErrorBadParameter));
  CHECK(b.memory.requested[0] == 0);
}

#ifdef SQUAT_FEED_BEAT_WORDS
TEST_CASE("weight feed: what is no whole beat is refused") {
  const Load l = GENERATE(Load{false, 1, 64, 16, 16, 1}, Load{false, 2, 64, 16, 16, 1}, Load{false, 0, 65, 16, 16, 1},
                          Load{false, 0, 66, 16, 16, 1}, Load{false, 0, 64, 17, 16, 2}, Load{false, 0, 64, 18, 16, 2},
                          Load{false, 0, 64, 16, 15, 1}, Load{false, 0, 64, 16, 14, 1});
  FeedBench b(24);
  b.commands.push_back(l);
  b.run(100);
  CHECK(b.error == static_cast<int>(spec::kErrorBadParameter));
  CHECK(b.memory.requested[0] == 0);
}
#endif
