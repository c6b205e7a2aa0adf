// SPDX-License-Identifier: Apache-2.0
// Post-processing: squat_post_jobs, squat_post_addr, squat_post_out; and squat_logits_writer behind it.
#pragma once

#include <array>
#include <cstdint>

#include "host/estimate/array.hpp"
#include "host/estimate/fixed_queue.hpp"
#include "host/estimate/ports.hpp"

namespace squat::estimate {

/// Cycles from the issue of a beat (its accumulator read; banded: of its last band) until its result is in the output queue,
/// by spec::kPost...: 2 for the sum; 3 for requantisation; residual 1, rope 3, gated 8, gelu 9 after it.
unsigned post_latency(unsigned post);

class Post {
 public:
  bool job_ready() const { return !drain_ && (!active_ || (steps() && job_done() && !job_.last)); }
  bool done() const { return drain_ && !beat_valid_ && !issue_valid_ && issued_ == 0 && !out_valid_; }
  /// Accesses of this cycle; none of them is ever refused.
  bool reads_vector() const { return issue_valid_ && !issue_.null && issue_.last && room() && post_ == spec::kPostResidual; }
  bool writes_vector() const { return out_valid_ && (post_ == spec::kPostResidual || post_ == spec::kPostRaw); }
  bool writes_activation() const { return out_valid_ && !writes_vector() && post_ != spec::kPostLogits; }
  bool logits_valid() const { return out_valid_ && post_ == spec::kPostLogits; }
  std::uint32_t logits_unit() const { return out_unit_; }
  const std::array<bool, 2>& bank_free() const { return bank_free_; }
  bool idle() const { return !active_ && !drain_ && !beat_valid_ && !issue_valid_ && issued_ == 0 && !out_valid_; }

  struct Signals {
    const ArrayPass* job = nullptr;  ///< taken in this cycle
    unsigned bank = 0;
    WidthCounts table;  ///< of the job's in_table
    bool logits_ready = false;
  };
  bool update(std::uint64_t now, const Signals& s);

 private:
  static constexpr unsigned kDepth = 16;
  struct Beat {
    bool null = false, end = false, last = false;
    unsigned bank = 0, token = 0, unit = 0;
  };

  unsigned slot() const { return banded_ ? row_ : (job_.group + pair_) * 16 + row_; }
  bool row_valid() const { return grouped_ && !banded_ ? table_.valid(slot()) : slot() < tokens_; }
  bool row_done() const { return !row_valid() || (part_ == 2 * job_.count - 1 && (!banded_ || band_ == 3)); }
  bool group_done() const;
  bool job_done() const { return group_done() && (!job_.pair || pair_ == 1); }
  bool room() const { return issued_ < kDepth; }
  bool issues() const { return issue_valid_ && !issue_.null && room() && !(gap_ && issue_.last); }
  bool leaves() const { return issues() || (issue_valid_ && issue_.null); }
  bool beat_ready() const { return !issue_valid_ || leaves(); }
  bool steps() const { return active_ && (!beat_valid_ || beat_ready()); }
  void take(const Signals& s);
  void count();

  // Jobs.
  bool active_ = false, drain_ = false;
  ArrayPass job_;
  WidthCounts table_;
  unsigned bank_ = 0, post_ = 0, tokens_ = 0, pair_ = 0, row_ = 0, part_ = 0, band_ = 0;  // part_: half of a tile
  bool grouped_ = false, banded_ = false;
  std::uint32_t dst_ = 0, dst_stride_ = 0;
  // Beat on its way to the issue, and the one that issues.
  bool beat_valid_ = false, issue_valid_ = false, gap_ = false;
  Beat beat_, issue_;
  std::array<bool, 2> bank_free_{};
  // Output queue.
  struct Arrival {
    std::uint64_t at = 0;
    std::uint32_t unit = 0;
  };
  FixedQueue<Arrival, kDepth> under_way_;
  FixedQueue<std::uint32_t, kDepth> finished_;
  unsigned issued_ = 0;
  bool out_valid_ = false;
  std::uint32_t out_unit_ = 0;
};

class LogitsWriter {
 public:
  bool ready() const { return held_.size() != 8; }
  Range request() const { return request_; }
  bool data_valid() const { return held_.size() != waiting_; }
  bool idle() const { return held_.empty() && request_.beats == 0; }
  bool update(bool push, std::uint32_t unit, bool granted, bool data_taken);

 private:
  FixedQueue<std::uint32_t, 8> held_;  ///< first unit of each beat of 64 bytes
  unsigned waiting_ = 0;               ///< the last of them: not yet announced
  unsigned quarter_ = 0;
  Range request_;
};

}  // namespace squat::estimate
