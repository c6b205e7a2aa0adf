// SPDX-License-Identifier: Apache-2.0
// The timing of profile records on their way out: squat_profile, squat_profile_queue, squat_record_writer.
#pragma once

#include <array>
#include <cstdint>

#include "host/estimate/dispatch.hpp"
#include "host/estimate/fixed_queue.hpp"
#include "host/estimate/ports.hpp"

namespace squat::estimate {

/// Without records (base 0) nothing is written and nothing is held back.
class RecordWriter {
 public:
  /// base: unit of the pass buffer where the record of command 0 goes; 0: no records.
  explicit RecordWriter(std::uint32_t base) : base_(base) {}

  /// Unit u may be given another command.
  bool ready(unsigned u) const { return issued_[u].size() != kDepth; }
  Range request() const;
  bool data_valid() const { return announced_; }
  bool idle() const;  ///< no record waits

  /// index: of the command that was accepted in this cycle.
  bool update(const std::array<bool, kUnits>& taken, const std::array<std::uint32_t, kUnits>& index,
              const std::array<bool, kUnits>& done, bool granted, bool data_taken);

 private:
  static constexpr unsigned kDepth = 8;
  void pick();

  std::uint32_t base_;
  std::array<FixedQueue<std::uint32_t, kDepth>, kUnits> issued_;
  std::array<unsigned, kUnits> waiting_{};  ///< of those, how many are done
  bool picked_ = false, announced_ = false;
  std::uint32_t picked_index_ = 0;
  unsigned beat_ = 0;
};

}  // namespace squat::estimate
