// SPDX-License-Identifier: Apache-2.0
#include "host/backends/cpu/thread_pool.hpp"

#include <array>
#include <chrono>
#include <cstdint>
#include <thread>

#include "tests/catch.hpp"

using squat::backends::cpu::ThreadPool;

namespace {

constexpr int kMost = 8;  ///< threads: more than many machines have processors

/// Work of a length that changes from job to job and from share to share, so that helpers come late, early and not at all.
std::uint64_t work(std::uint64_t seed, int rounds) {
  for (int i = 0; i < rounds; ++i) seed = seed * 6364136223846793005u + 1442695040888963407u;
  return seed;
}

}  // namespace

TEST_CASE("every share of every job is done once, before run returns") {
  for (const int threads : {1, 2, 3, kMost}) {
    ThreadPool pool(threads);
    REQUIRE(pool.threads() == threads);
    int wrong = 0;
    for (int job = 0; job < 20000; ++job) {
      struct Mine {
        int calls = 0, shares = 0;
        std::uint64_t result = 0;
      };
      std::array<Mine, kMost> seen;  // written without synchronisation of its own: that is run's business
      pool.run([&](int share, int shares) {
        Mine& mine = seen[static_cast<std::size_t>(share)];
        ++mine.calls;
        mine.shares = shares;
        mine.result = work(static_cast<std::uint64_t>(job + share), (job * 7 + share * 131) % 400);
      });
      for (int share = 0; share < kMost; ++share) {
        const Mine& mine = seen[static_cast<std::size_t>(share)];
        const bool expected =
            share < threads ? mine.calls == 1 && mine.shares == threads &&
                                  mine.result == work(static_cast<std::uint64_t>(job + share), (job * 7 + share * 131) % 400)
                            : mine.calls == 0;
        wrong += expected ? 0 : 1;
      }
    }
    CHECK(wrong == 0);
  }
}

TEST_CASE("a stage begins when all shares of the one before are done") {
  constexpr int kStages = 40;
  for (const int threads : {1, 2, 3, kMost}) {
    ThreadPool pool(threads);
    int wrong = 0;
    for (int job = 0; job < 300; ++job) {
      // Each share adds up what all shares wrote in the stage before; two rows, so that nobody overwrites what others still
      // read.
      std::array<std::array<std::uint64_t, kMost>, 2> sums{};
      std::array<int, kMost> bad{};
      std::array<std::uint64_t, kMost> last{};
      const auto first = [&](int share) { return work(static_cast<std::uint64_t>(job + share), (job * 5 + share * 17) % 100); };
      pool.run_stages(kStages, [&](int stage, int share, int shares) {
        auto& to = sums[static_cast<std::size_t>(stage % 2)];
        const auto& from = sums[static_cast<std::size_t>((stage + 1) % 2)];
        std::uint64_t sum = 0;
        for (int i = 0; i < shares; ++i) sum += stage == 0 ? first(i) : from[static_cast<std::size_t>(i)];
        to[static_cast<std::size_t>(share)] = sum;
        bad[static_cast<std::size_t>(share)] += shares == threads ? 0 : 1;
        last[static_cast<std::size_t>(share)] = work(sum, (stage * 31 + share * 57 + job) % 200);  // shares end at odd times
      });
      std::uint64_t expected = 0;  // every stage multiplies the sum by the number of shares
      for (int i = 0; i < threads; ++i) expected += first(i);
      for (int stage = 1; stage < kStages; ++stage) expected *= static_cast<std::uint64_t>(threads);
      for (int i = 0; i < threads; ++i) {
        wrong += sums[(kStages - 1) % 2][static_cast<std::size_t>(i)] == expected ? 0 : 1;
        wrong += bad[static_cast<std::size_t>(i)];
        const std::uint64_t end = work(expected, ((kStages - 1) * 31 + i * 57 + job) % 200);
        wrong += last[static_cast<std::size_t>(i)] == end ? 0 : 1;
      }
      if (job % 50 == 0) std::this_thread::sleep_for(std::chrono::milliseconds(2));  // the next job finds its helpers asleep
    }
    CHECK(wrong == 0);
  }
}

TEST_CASE("helpers that sleep are woken, and end with the pool") {
  for (int round = 0; round < 20; ++round) {
    ThreadPool pool(kMost);
    int sum = 0;
    std::array<int, kMost> part{};
    for (int job = 0; job < 3; ++job) {
      std::this_thread::sleep_for(std::chrono::milliseconds(2));
      pool.run([&](int share, int) { part[static_cast<std::size_t>(share)] += share; });
    }
    for (const int p : part) sum += p;
    CHECK(sum == 3 * (kMost * (kMost - 1) / 2));
  }
}
