// SPDX-License-Identifier: Apache-2.0
// squat_clip_count against a plain count: every code in every lane, and random beats with gaps, clears and resets.
#include <cstdint>
#include <random>

#include "Vsquat_clip_count.h"
#include "tests/catch.hpp"

namespace {

constexpr int kLanes = 16;

struct Beat {
  bool valid = false, eight = false, clear = false, reset = false;
  std::int8_t codes[kLanes] = {};
};

std::uint32_t ends(const Beat& b) {
  std::uint32_t count = 0;
  for (const int code : b.codes) {
    // The smallest and largest of 256 codes, or of 16 codes eight apart.
    const bool low = b.eight ? code == -128 : code == -8 * 8, high = b.eight ? code == 127 : code == 7 * 8;
    count += low || high ? 1U : 0U;
  }
  return count;
}

class Bench {
 public:
  Bench() {
    Beat reset;
    reset.reset = true;
    cycle(reset);
  }
  ~Bench() { top_.final(); }

  /// Drives a cycle and compares the count after it.
  void cycle(const Beat& b) {
    top_.rst_ni = !b.reset;
    top_.clear_i = b.clear;
    top_.valid_i = b.valid;
    top_.eight_i = b.eight;
    for (int i = 0; i < kLanes; ++i) reinterpret_cast<std::uint8_t*>(&top_.codes_i)[i] = static_cast<std::uint8_t>(b.codes[i]);
    top_.clk_i = 0;
    top_.eval();
    top_.clk_i = 1;
    top_.eval();
    count_ = b.reset || b.clear ? 0 : count_ + waiting_;
    waiting_ = b.valid && !b.reset && !b.clear ? ends(b) : 0;
    REQUIRE(top_.count_o == count_);
  }
  std::uint32_t count() const { return count_; }

 private:
  Vsquat_clip_count top_;
  std::uint32_t count_ = 0, waiting_ = 0;
};

}  // namespace

TEST_CASE("clip count: every code in every lane") {
  Bench bench;
  for (const bool eight : {true, false}) {
    for (int lane = 0; lane < kLanes; ++lane) {
      for (int code = -128; code < 128; ++code) {
        Beat b;
        b.valid = true;
        b.eight = eight;
        b.codes[lane] = static_cast<std::int8_t>(code);
        bench.cycle(b);
      }
    }
  }
  bench.cycle({});
  CHECK(bench.count() == 2 * kLanes * 2);
}

TEST_CASE("clip count: random beats, gaps, clears and resets") {
  std::mt19937 random(61);
  Bench bench;
  for (int i = 0; i < 20000; ++i) {
    Beat b;
    b.valid = random() % 4 != 0;
    b.eight = random() % 2 != 0;
    b.clear = random() % 97 == 0;
    b.reset = random() % 211 == 0;
    const int common[] = {-128, 127, -64, 56};
    for (auto& c : b.codes)
      c = static_cast<std::int8_t>(random() % 2 != 0 ? common[random() % 4] : static_cast<int>(random() % 256) - 128);
    bench.cycle(b);
  }
}
