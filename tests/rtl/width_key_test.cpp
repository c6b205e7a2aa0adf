// SPDX-License-Identifier: Apache-2.0
// squat_width_key against the formulas of the width rules in plain 64-bit arithmetic: every bit of keys that decide in rare
// ties only.
#include <cstdint>
#include <deque>
#include <random>

#include "Vsquat_width_key.h"
#include "tests/catch.hpp"

namespace {

constexpr std::uint64_t kWord = std::uint64_t{1} << 32;

/// Finaliser of the random rule, with divisions for shifts.
std::uint64_t mix(std::uint64_t x) {
  x %= kWord;
  x = (x ^ (x / 65536)) * 0x85ebca6bULL % kWord;
  x = (x ^ (x / 8192)) * 0xc2b2ae35ULL % kWord;
  return x ^ (x / 65536);
}

struct Answer {
  std::uint64_t key, target;
  bool want;
};

}  // namespace

TEST_CASE("width keys: every bit of key, wish and target, with pauses") {
  std::mt19937_64 random(9);
  Vsquat_width_key dut;
  dut.rst_ni = 0;
  dut.valid_i = 0;
  const auto clock = [&dut] {
    dut.clk_i = 0;
    dut.eval();
    dut.clk_i = 1;
    dut.eval();
  };
  clock();
  dut.rst_ni = 1;
  for (int command = 0; command < 300; ++command) {
    dut.random_i = command % 2 == 0;
    dut.reversed_i = command % 3 == 0 && !dut.random_i;
    dut.base_i = static_cast<std::uint32_t>(random());
    dut.threshold_i = static_cast<std::uint32_t>(random() >> (32 + random() % 32));
    dut.rho_num_i = static_cast<std::uint16_t>(random() % 1025);
    std::deque<Answer> expected;
    for (int cycle = 0; cycle < 60; ++cycle) {
      dut.valid_i = cycle < 50 && random() % 4 != 0;
      dut.position_i = static_cast<std::uint32_t>(random() % (cycle % 5 == 0 ? 65536 + 127 : 900));
      dut.score_i = static_cast<std::uint32_t>(random() >> (32 + random() % 32));
      // In one of four cases the product lies next to the threshold.
      if (random() % 4 == 0) dut.score_i = static_cast<std::uint32_t>(dut.threshold_i / (dut.position_i + 1) + random() % 2);
      if (dut.valid_i) {
        const std::uint64_t next = std::uint64_t{dut.position_i} + 1, score = dut.score_i;
        Answer a{dut.random_i     ? mix(std::uint64_t{dut.base_i} + dut.position_i)
                 : dut.reversed_i ? kWord - 1 - score
                                  : score,
                 next * dut.rho_num_i / 1024, (score * next >= dut.threshold_i) != (dut.reversed_i != 0)};
        if (dut.random_i) a.want = a.key / (kWord / 1024) < dut.rho_num_i;
        expected.push_back(a);
      }
      clock();
      if (!dut.valid_o) continue;
      REQUIRE(!expected.empty());
      REQUIRE(dut.key_o == expected.front().key);
      REQUIRE(dut.target_o == expected.front().target);
      REQUIRE((dut.want_o != 0) == expected.front().want);
      expected.pop_front();
    }
    REQUIRE(expected.empty());
  }
}
