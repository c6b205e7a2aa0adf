// SPDX-License-Identifier: Apache-2.0
// The gemm unit up to its post-processing: squat_gemm_passes, squat_gemm_ctrl and the latency of squat_mac_array.
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>

#include "host/estimate/fixed_queue.hpp"
#include "hw/gen/squat_spec.hpp"

namespace squat::estimate {

/// Counts of a width table: slots 0..eight-1 are 8 bit, 4-bit slots follow from the next multiple of 16 on.
struct WidthCounts {
  unsigned tokens = 0, eight = 0;
  bool valid(unsigned slot) const {
    const unsigned first4 = (eight + 15) / 16 * 16;
    return slot < eight || (slot >= first4 && slot - first4 < tokens - eight);
  }
};

/// A pass: one tile of 32 channels or more times one slot group, or one pair of 4-bit groups.
struct ArrayPass {
  unsigned steps = 0;
  unsigned words = 0;            ///< of all its tiles, per ring bank
  unsigned tile = 0, count = 1;  ///< the tiles that post gets
  unsigned group = 0;
  bool pair = false;
  bool tile_last = false, last = false;  ///< of its tile, of its command
  const spec::Record* command = nullptr;
};

/// Walks the passes of one gemm command in the order of squat_gemm_passes, those left out included.
class PassWalk {
 public:
  PassWalk() = default;
  PassWalk(const spec::Record& command, const WidthCounts& table);
  ArrayPass pass() const;  ///< where the walk stands
  bool skipped() const;    ///< no token of the group sees a key of the tile
  void advance();
  bool done() const { return tile_ >= tiles_; }

 private:
  bool pair() const;
  unsigned together() const { return std::min(wide_ + 1, tiles_ - tile_); }  ///< tiles that share the activations
  unsigned last_position() const;

  const spec::Record* command_ = nullptr;
  unsigned tokens_ = 0, position_ = 0, k_ = 0, ks_ = 0, tiles_ = 0, causal_ = 0, mode_ = 0, words_ = 0, wide_ = 0;
  bool grouped_ = false, banded_ = false;
  unsigned groups8_ = 0, groups_ = 0, tile_ = 0, group_ = 0;
};

class Array {
 public:
  /// skew: cycles by which the last block of columns works behind the first.
  explicit Array(unsigned skew) : step_to_job_(kStepToJob + skew) {}

  bool ready() const { return state_ == State::kIdle; }
  /// A step is issued in this cycle. held: the ring holds needed_words().
  bool steps(bool held) const { return current_valid_ && (started_ || (held && !busy_[bank_])); }
  unsigned needed_words() const { return current_.words; }
  const ArrayPass& current() const { return current_; }  ///< steps: those still to come
  bool weight_stall(bool held) const { return current_valid_ && !started_ && !held; }
  bool drain_stall(bool held) const { return current_valid_ && !started_ && held && busy_[bank_]; }
  /// Words to drop from every bank at the end of this cycle.
  unsigned pop(bool held) const { return steps(held) && current_.steps == 1 && current_.tile_last ? current_.words : 0; }

  bool job_valid() const { return done_[job_bank_]; }
  const ArrayPass& job() const { return info_[job_bank_]; }
  unsigned job_bank() const { return job_bank_; }

  struct Signals {
    const spec::Record* command = nullptr;  ///< accepted in this cycle
    WidthCounts table;                      ///< of that command's in_table
    bool held = false, job_taken = false;
    std::array<bool, 2> bank_free{};
  };
  bool update(std::uint64_t now, const Signals& s);

  /// Cycles from now on in which nothing but steps happens (0: ask again next cycle), and skipping them.
  std::uint64_t quiet_cycles(std::uint64_t now) const;
  void skip(std::uint64_t cycles) {
    if (started_) current_.steps -= static_cast<unsigned>(cycles);
  }

 private:
  /// From the read of the last step until the job can be taken: 2 cycles of the memories, 13 of the array, 1 register.
  static constexpr std::uint64_t kStepToJob = 16;
  enum class State { kIdle, kCount, kCheck, kSee, kDecide, kEmit };
  struct Finish {
    std::uint64_t at = 0;
    unsigned bank = 0;
  };

  std::uint64_t step_to_job_;
  State state_ = State::kIdle;
  PassWalk walk_;
  ArrayPass current_;  ///< steps counts down
  bool current_valid_ = false, started_ = false;
  unsigned bank_ = 0, job_bank_ = 0;
  std::array<bool, 2> busy_{}, done_{};
  std::array<ArrayPass, 2> info_{};
  FixedQueue<Finish, 4> finishing_;
};

}  // namespace squat::estimate
