// SPDX-License-Identifier: Apache-2.0
// squat_mac_array against plain 64-bit loops: every product in every packed lane, extreme sums, random passes with bubbles and
// without.
#include <cstdint>
#include <cstring>
#include <deque>
#include <functional>
#include <random>
#include <vector>

#include "Vsquat_mac_array.h"
#include "tests/catch.hpp"

namespace {

constexpr int kRows = 16, kCols = 16, kBands = 4, kBandRows = kRows / kBands;
enum Mode { kW4A8, kW4A4, kW8Signed, kW8Unsigned };

/// Operands of one step, as plain integers.
struct Step {
  std::int16_t w[kBands][2 * kCols];
  std::int16_t a[2][kRows];
};

struct Pass {
  Mode mode = kW4A8;
  bool banded = false;
  std::vector<Step> steps;
};

/// Drives passes back to back into alternating banks, reads each bank when its pass is done and compares it.
class Bench {
 public:
  explicit Bench(std::uint32_t seed = 1) : random_(seed) {
    top_.rst_ni = 0;
    top_.step_valid_i = top_.acc_rd_en_i = 0;
    for (int i = 0; i < 3; ++i) clock();
    top_.rst_ni = 1;
  }
  ~Bench() { top_.final(); }

  double bubbles = 0.0;      ///< chance of an idle cycle before a step
  double read_stalls = 0.0;  ///< chance of an idle cycle before a read

  void run(const std::vector<Pass>& passes) {
    issue_.clear();
    for (const Pass& p : passes) issue_.push_back(&p);
    const std::size_t total = passes.size();
    const std::size_t finished = checked_ + total;
    std::size_t idle = 0;
    while (checked_ < finished) {
      const std::size_t before = checked_ + position_;
      cycle();
      idle = checked_ + position_ == before ? idle + 1 : 0;
      REQUIRE(idle < 100000);
    }
  }

  /// Drives the passes for some cycles, then resets the array and forgets them.
  void abandon(const std::vector<Pass>& passes, int cycles) {
    for (const Pass& p : passes) issue_.push_back(&p);
    for (int i = 0; i < cycles; ++i) cycle();
    top_.step_valid_i = top_.acc_rd_en_i = 0;
    top_.rst_ni = 0;
    for (int i = 0; i < 2; ++i) {
      clock();
      REQUIRE(!top_.pass_done_o);
    }
    top_.rst_ni = 1;
    issue_.clear();
    done_.clear();
    busy_[0] = busy_[1] = nullptr;
    position_ = 0;
    read_ = 0;
  }

  std::uint64_t steps() const { return steps_; }
  std::uint64_t products() const { return products_; }  ///< in the sums that were read and found right
  std::uint64_t cycles() const { return cycles_; }

 private:
  void clock() {
    top_.clk_i = 0;
    top_.eval();
    top_.clk_i = 1;
    top_.eval();
    ++cycles_;
  }

  bool chance(double p) { return p > 0.0 && std::uniform_real_distribution<double>(0.0, 1.0)(random_) < p; }

  void drive_step() {
    top_.step_valid_i = 0;
    if (position_ == 0 && !issue_.empty() && busy_[bank_] != nullptr) return;
    if (issue_.empty() || chance(bubbles)) {
      // Idle cycles carry rubbish.
      top_.step_first_i = random_() & 1U;
      top_.step_last_i = random_() & 1U;
      top_.step_mode_i = random_() & 3U;
      return;
    }
    const Pass& p = *issue_.front();
    const Step& s = p.steps[position_];
    top_.step_valid_i = 1;
    top_.step_first_i = position_ == 0;
    top_.step_last_i = position_ + 1 == p.steps.size();
    top_.step_bank_i = bank_ & 1U;
    top_.step_banded_i = p.banded;
    top_.step_mode_i = p.mode;
    auto* w = reinterpret_cast<std::uint8_t*>(&top_.w_i);
    for (int b = 0; b < kBands; ++b) {
      std::uint8_t* band = w + b * 2 * kCols;
      for (int i = 0; i < 2 * kCols; ++i) band[i] = static_cast<std::uint8_t>(random_());  // unused bands, unused halves
      if (b > 0 && !p.banded) continue;
      for (int c = 0; c < kCols; ++c) {
        if (p.mode >= kW8Signed) {
          band[2 * c] = static_cast<std::uint8_t>(s.w[b][2 * c]);
          band[2 * c + 1] = static_cast<std::uint8_t>(s.w[b][2 * c + 1]);
        } else {
          band[c] = static_cast<std::uint8_t>((s.w[b][2 * c + 1] & 15) << 4 | (s.w[b][2 * c] & 15));
        }
      }
    }
    const int scale = p.mode == kW4A4 ? 8 : 1;
    for (int r = 0; r < kRows; ++r) {
      reinterpret_cast<std::uint8_t*>(&top_.act0_i)[r] = static_cast<std::uint8_t>(s.a[0][r] * scale);
      reinterpret_cast<std::uint8_t*>(&top_.act1_i)[r] =
          static_cast<std::uint8_t>(p.mode == kW4A4 ? s.a[1][r] * scale : random_());
    }
    busy_[bank_] = &p;
    ++steps_;
    if (++position_ == p.steps.size()) {
      position_ = 0;
      bank_ ^= 1;
      issue_.pop_front();
    }
  }

  void drive_read() {
    top_.acc_rd_en_i = 0;
    if (done_.empty() || chance(read_stalls)) return;
    const int reads = busy_[done_.front()]->mode == kW4A4 ? 64 : 32;
    if (read_ == reads) return;
    top_.acc_rd_en_i = 1;
    top_.acc_rd_bank_i = done_.front() & 1U;
    top_.acc_rd_half_i = read_ & 1;
    top_.acc_rd_row_i = (read_ >> 1) & 15;
    top_.acc_rd_pair_i = (read_ >> 5) & 1U;
  }

  void cycle() {
    drive_step();
    drive_read();
    const bool reading = top_.acc_rd_en_i != 0;
    clock();
    if (reading) {
      check();
      if (++read_ == (busy_[done_.front()]->mode == kW4A4 ? 64 : 32)) {
        busy_[done_.front()] = nullptr;
        done_.pop_front();
        read_ = 0;
        ++checked_;
      }
    }
    if (top_.pass_done_o) done_.push_back(top_.pass_done_bank_o);
  }

  void check() {
    const Pass& p = *busy_[done_.front()];
    const int half = read_ & 1, row = (read_ >> 1) & 15, pair = read_ >> 5;
    const int band = p.banded ? row / kBandRows : 0;
    for (int lane = 0; lane < 16; ++lane) {
      std::int64_t want = 0;
      for (const Step& s : p.steps) want += std::int64_t{s.w[band][16 * half + lane]} * s.a[pair][row];
      std::int32_t got;
      std::memcpy(&got, reinterpret_cast<const std::uint8_t*>(&top_.acc_data_o) + 4 * lane, 4);
      if (got != want) {
        INFO("mode " << p.mode << " row " << row << " channel " << 16 * half + lane << " pair " << pair);
        REQUIRE(std::int64_t{got} == want);
      }
      products_ += p.steps.size();
    }
  }

  Vsquat_mac_array top_;
  std::mt19937 random_;
  std::deque<const Pass*> issue_;
  const Pass* busy_[2] = {nullptr, nullptr};
  std::deque<unsigned> done_;
  std::size_t position_ = 0, checked_ = 0;
  unsigned bank_ = 0;
  int read_ = 0;
  std::uint64_t steps_ = 0, cycles_ = 0, products_ = 0;
};

int weight_min(Mode m) { return m >= kW8Signed ? -127 : -8; }
int weight_max(Mode m) { return m >= kW8Signed ? 127 : 7; }
int code_min(Mode m) { return m == kW4A4 ? -8 : m == kW8Unsigned ? 0 : -128; }
int code_max(Mode m) { return m == kW4A4 ? 7 : m == kW8Unsigned ? 255 : 127; }

/// A pass of 8 steps in which only step `at` is not zero: w(channel) and a(pair, row).
Pass single(Mode mode, int at, const std::function<int(int)>& w, const std::function<int(int, int)>& a) {
  Pass p{mode, false, std::vector<Step>(8, Step{})};
  for (int i = 0; i < 2 * kCols; ++i) p.steps[static_cast<std::size_t>(at)].w[0][i] = static_cast<std::int16_t>(w(i));
  for (int j = 0; j < 2; ++j) {
    for (int r = 0; r < kRows; ++r) p.steps[static_cast<std::size_t>(at)].a[j][r] = static_cast<std::int16_t>(a(j, r));
  }
  return p;
}

Pass random_pass(std::mt19937& random, Mode mode, bool banded, int steps) {
  Pass p{mode, banded, std::vector<Step>(static_cast<std::size_t>(steps))};
  const auto draw = [&random](int lo, int hi) {
    // One value in four is an extreme.
    const auto v = static_cast<std::uint32_t>(random());
    if (v % 4 == 0) return static_cast<std::int16_t>(v & 4 ? lo : hi);
    return static_cast<std::int16_t>(lo + static_cast<int>((v >> 3) % static_cast<std::uint32_t>(hi - lo + 1)));
  };
  for (Step& s : p.steps) {
    for (auto& band : s.w) {
      for (auto& w : band) w = draw(weight_min(mode), weight_max(mode));
    }
    for (auto& set : s.a) {
      for (auto& a : set) a = draw(code_min(mode), code_max(mode));
    }
  }
  return p;
}

}  // namespace

TEST_CASE("array: every W4A4 product with every neighbour") {
  std::vector<Pass> passes;
  for (int w1 = -8; w1 < 8; ++w1) {
    for (int a1 = -8; a1 < 8; ++a1) {
      passes.push_back(single(
          kW4A4, (w1 + a1) & 7, [&](int i) { return i & 1 ? w1 : i / 2 - 8; }, [&](int j, int r) { return j ? a1 : r - 8; }));
    }
  }
  Bench bench;
  bench.run(passes);
}

TEST_CASE("array: every W4A8 product with every neighbour") {
  std::vector<Pass> passes;
  for (int w1 = -8; w1 < 8; ++w1) {
    for (int block = 0; block < 16; ++block) {
      passes.push_back(single(
          kW4A8, block & 7, [&](int i) { return i & 1 ? w1 : i / 2 - 8; }, [&](int, int r) { return block * 16 + r - 128; }));
    }
  }
  Bench bench;
  bench.run(passes);
}

TEST_CASE("array: every W8 product with extreme neighbours") {
  const Mode mode = GENERATE(kW8Signed, kW8Unsigned);
  const bool upper = GENERATE(false, true);
  std::vector<Pass> passes;
  for (const int neighbour : {-127, -1, 0, 1, 127}) {
    for (int weights = 0; weights < 16; ++weights) {
      for (int block = 0; block < 16; ++block) {
        passes.push_back(single(
            mode, block & 7,
            [&](int i) {
              if ((i & 1) != (upper ? 1 : 0)) return neighbour;
              return std::max(-127, weights * 16 + i / 2 - 128);
            },
            [&](int, int r) { return code_min(mode) + block * 16 + r; }));
      }
    }
  }
  Bench bench;
  bench.run(passes);
}

TEST_CASE("array: sums at the extremes") {
  // All combinations of extremes, the same in every step: the largest sums a field can meet.
  const Mode mode = GENERATE(kW4A8, kW4A4, kW8Signed, kW8Unsigned);
  std::vector<Pass> passes;
  for (int corner = 0; corner < 16; ++corner) {
    for (const int steps : {8, 16, 2048}) {
      Pass p{mode, false, std::vector<Step>(static_cast<std::size_t>(steps))};
      for (Step& s : p.steps) {
        for (int i = 0; i < 2 * kCols; ++i) {
          s.w[0][i] = static_cast<std::int16_t>((corner >> (i & 1)) & 1 ? weight_max(mode) : weight_min(mode));
        }
        for (int r = 0; r < kRows; ++r) {
          for (int j = 0; j < 2; ++j)
            s.a[j][r] = static_cast<std::int16_t>((corner >> (2 + j)) & 1 ? code_max(mode) : code_min(mode));
        }
      }
      passes.push_back(std::move(p));
    }
  }
  Bench bench;
  bench.run(passes);
}

TEST_CASE("array: random passes back to back and with bubbles") {
  const double bubbles = GENERATE(0.0, 0.05, 0.6);
  std::mt19937 random(7);
  std::vector<Pass> passes;
  for (int i = 0; i < 150; ++i) {
    const int steps = 8 * (1 + static_cast<int>(random() % (i % 10 == 0 ? 128 : 12)));
    passes.push_back(random_pass(random, static_cast<Mode>(random() % 4), random() % 3 == 0, steps));
  }
  Bench bench(11);
  bench.bubbles = bubbles;
  bench.read_stalls = bubbles / 2;
  bench.run(passes);
}

TEST_CASE("array: a reset at any time leaves nothing behind") {
  std::mt19937 random(13);
  Bench bench(17);
  for (int i = 0; i < 150; ++i) {
    std::vector<Pass> passes;
    for (int p = 0; p < 4; ++p)
      passes.push_back(random_pass(random, static_cast<Mode>(random() % 4), random() % 3 == 0, 8 * (p + 1)));
    bench.abandon(passes, static_cast<int>(random() % 150));
    bench.run(passes);
  }
}

TEST_CASE("array: a step every cycle, 2 products of a cell in it, 4 in W4A4") {
  const Mode mode = GENERATE(kW4A8, kW4A4, kW8Signed, kW8Unsigned);
  std::mt19937 random(3);
  std::vector<Pass> passes;
  for (int i = 0; i < 40; ++i) passes.push_back(random_pass(random, mode, false, 128));  // a bank is read within a pass
  Bench bench;
  bench.run(passes);
  // 3 cycles of reset; after the last step 12 until the sums are there, 32 or 64 to read them.
  CHECK(bench.cycles() == 3 + bench.steps() + 12 + (mode == kW4A4 ? 64 : 32));
  CHECK(bench.products() == bench.steps() * kRows * kCols * (mode == kW4A4 ? 4 : 2));
}
