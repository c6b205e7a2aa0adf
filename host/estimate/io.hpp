// SPDX-License-Identifier: Apache-2.0
// The io unit: squat_io, squat_io_load, squat_io_append_k, squat_io_append_v, squat_io_range.
#pragma once

#include <cstdint>

#include "host/estimate/ports.hpp"
#include "hw/gen/squat_spec.hpp"

namespace squat::estimate {

/// The ranges an append writes: for every KV head `inner` of them (blocks of keys, tiles of values) of `beats` beats.
struct AppendRanges {
  std::uint64_t first = 0, head_stride = 0, inner_stride = 0;  ///< units
  unsigned heads = 0, inner = 0, beats = 0;
  std::uint64_t unit(unsigned range) const { return first + range / inner * head_stride + range % inner * inner_stride; }
};

AppendRanges append_ranges(const spec::Record& append);

/// Beats a load_residual or load_params reads.
unsigned load_beats(const spec::Record& load);

class Io {
 public:
  struct Signals {
    const spec::Record* command = nullptr;  ///< accepted in this cycle
    bool read_granted = false;              ///< port 0 took the read range
    bool beat = false;                      ///< a beat is offered, read_ready() says whether it is taken
    bool vector_read = false, vector_write = false, activation_read = false;  ///< granted
    bool write_granted = false, data_taken = false, writes_idle = false;
  };

  bool ready() const { return state_ == State::kIdle; }
  bool done(bool writes_idle) const { return state_ == State::kSettle && settled(writes_idle); }
  Range read_request() const { return read_; }
  Range write_request() const { return write_; }
  bool data_valid() const { return queued_ != 0; }
  /// Accesses of this cycle.
  bool reads_vector(bool beat) const { return (loading() && add_ && beat) || (opcode_ == spec::kOpAppendV && appends()); }
  bool reads_activation() const { return opcode_ == spec::kOpAppendK && appends(); }
  bool writes_vector() const { return sums_ != 0; }
  bool read_ready(bool vector_read) const { return loading() && (!add_ || vector_read); }

  /// The unit cannot move on in this cycle: a memory refuses it, or it waits for port 0.
  bool held(const Signals& s) const;
  bool update(const Signals& s);

 private:
  static constexpr unsigned kLoadRoom = 8, kAppendRoom = 16;
  enum class State { kIdle, kMultiply, kCheck, kStart, kRun, kSettle };

  bool is_load() const { return opcode_ == spec::kOpLoadResidual || opcode_ == spec::kOpLoadParams; }
  bool residual() const { return opcode_ == spec::kOpLoadResidual; }
  bool loading() const { return load_active_ && in_left_ != 0 && (!residual() || used_ != kLoadRoom); }
  bool appends() const { return append_active_ && range_ != ranges_total() && !request_ && used_ != kAppendRoom; }
  unsigned ranges_total() const { return ranges_.heads * ranges_.inner; }
  bool load_done() const { return load_active_ && out_left_ == 0; }
  bool append_done() const { return append_active_ && range_ == ranges_total() && (pipe_ & 3U) == 0; }
  bool settled(bool writes_idle) const { return is_load() || (used_ == 0 && writes_idle && write_.beats == 0); }
  void start();
  void load(const Signals& s);
  void append(const Signals& s);

  State state_ = State::kIdle;
  spec::Record command_{};
  std::uint32_t opcode_ = 0;
  bool add_ = false;
  Range read_, write_;     ///< range registers on their way to port 0
  bool read_due_ = false;  ///< the read range is still to be made
  bool load_active_ = false, append_active_ = false, request_ = false;
  unsigned in_left_ = 0, out_left_ = 0;
  unsigned used_ = 0;  ///< places taken in the queue of sums (load) or of beats (append)
  unsigned sums_ = 0, queued_ = 0;
  std::uint32_t pipe_ = 0;  ///< bit i: a beat was taken (load) or read (append) i + 1 cycles ago
  AppendRanges ranges_;
  unsigned range_ = 0, beat_ = 0;
};

}  // namespace squat::estimate
