// SPDX-License-Identifier: Apache-2.0
// The vector unit: squat_vec, squat_tclm, squat_rope_table; its rows are in rows.hpp.
#pragma once

#include <array>
#include <cstdint>

#include "host/estimate/array.hpp"
#include "host/estimate/rows.hpp"
#include "hw/gen/squat_spec.hpp"

namespace squat::estimate {

/// Cycles squat_tclm or squat_rope_table is busy after its start: they touch no shared memory.
unsigned tclm_cycles(const spec::Record& tclm);
unsigned rope_table_cycles(const spec::Record& rope_table);

class Vec {
 public:
  bool ready() const { return state_ == State::kIdle; }
  bool done() const { return state_ == State::kDone; }
  bool reads_vector() const { return state_ == State::kRun && rows_active_ && rows_.reads(); }
  bool writes_activation() const { return state_ == State::kRun && rows_active_ && rows_.writes(); }
  const spec::Record* command() const { return command_; }

  /// True when something other than a countdown moved.
  bool update(std::uint64_t now, const spec::Record* command, bool read_granted, bool write_granted);

  /// Cycles from now on in which only the countdown moves, and skipping them. Unlimited for a unit at rest.
  std::uint64_t quiet_cycles() const;
  void skip(std::uint64_t cycles);

 private:
  enum class State { kIdle, kCheck, kStart, kRun, kDone };
  State state_ = State::kIdle;
  const spec::Record* command_ = nullptr;
  bool rows_active_ = false;
  RowPipeline rows_;
  unsigned left_ = 0;  ///< cycles until a token control or RoPE table ends
};

}  // namespace squat::estimate
