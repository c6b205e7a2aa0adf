// SPDX-License-Identifier: Apache-2.0
// Command fetch and dispatch: squat_cmd_fetch, squat_dispatch, squat_cmd_queue.
#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "host/estimate/fixed_queue.hpp"
#include "hw/gen/squat_spec.hpp"

namespace squat::estimate {

inline constexpr unsigned kUnits = 4;  ///< by spec::kUnitLoad ...

/// Reads 64-byte records ahead, eight in a request, at most sixteen at a time.
class Fetch {
 public:
  explicit Fetch(unsigned records) : left_(records) {}

  bool request() const { return request_ != 0; }
  unsigned request_unit() const { return next_ * 4; }  ///< offset in the command buffer, units of 16 bytes
  unsigned request_beats() const { return request_ * 4; }
  bool record_valid() const { return buffered_ != 0; }

  /// granted: the request was taken; beat: one beat arrived; handed: dispatch took a record. True when something moved.
  bool update(bool granted, bool beat, bool handed);

 private:
  static constexpr unsigned kChunk = 8, kBuffer = 16;
  unsigned left_, next_ = 0, request_ = 0, reserved_ = 0, beats_ = 0, buffered_ = 0;
  bool whole_ = false;  ///< the last beat of a record has arrived; its CRC is being checked
};

/// One queue of eight commands per unit; a command starts when its waits hold, in order, at most four inside a unit.
class Dispatch {
 public:
  explicit Dispatch(const std::vector<spec::Record>& records) : records_(records) {}

  /// The next command of unit u, or nullptr when it may not start in this cycle.
  const spec::Record* offered(unsigned u) const;
  std::uint32_t offered_index(unsigned u) const { return units_[u].queue.front(); }
  bool takes_record() const { return next_ < records_.size() && !units_[unit_of(next_)].queue.full(); }
  bool complete() const;

  /// record: a fetched record is there; taken, done: per unit, the offered command was accepted, a command completed.
  bool update(bool record, const std::array<bool, kUnits>& taken, const std::array<bool, kUnits>& done);

 private:
  static constexpr unsigned kRunning = 4;
  struct Unit {
    FixedQueue<std::uint32_t, 8> queue;  ///< indices of records
    unsigned running = 0;
    std::uint32_t done = 0;
  };
  std::uint32_t unit_of(std::size_t index) const { return spec::get(records_[index], spec::kCmdUnit); }

  const std::vector<spec::Record>& records_;
  std::array<Unit, kUnits> units_;
  std::size_t next_ = 0;
};

}  // namespace squat::estimate
