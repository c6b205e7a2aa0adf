// SPDX-License-Identifier: Apache-2.0
// The row operations of the vector unit: squat_row_reader, squat_norm, squat_softmax and squat_vec_out.
#pragma once

#include <cstdint>

#include "host/estimate/fixed_queue.hpp"
#include "hw/gen/squat_spec.hpp"

namespace squat::estimate {

/// Depths in cycles of the pipelines between the stages of a row.
struct RowLatency {
  unsigned reduced = 0;  ///< from the read of a row's last word until its row is offered
  unsigned scale = 0;    ///< from the last word of stage B until stage C may start the row
  unsigned write = 0;    ///< from a word of stage C until its write request
};

/// Norm and softmax alike: rows are read once (stage A), reduced to one scale each (B) and written as codes (C). Up to four
/// rows lie between A and B and between B and C; sixteen words between C and the memory.
class RowPipeline {
 public:
  RowPipeline() = default;
  /// The start of a norm or softmax command.
  explicit RowPipeline(const spec::Record& command);

  bool reads() const { return read_rows_ != 0 && (read_word_ != 0 || read_banks_ != kBanks); }
  bool writes() const { return ready_ != 0; }
  /// The last word is written.
  bool done() const { return left_ == 0 && read_rows_ == 0 && read_banks_ == 0 && room_ == kRoom; }
  void update(std::uint64_t now, bool read_granted, bool write_granted);

 private:
  static constexpr unsigned kBanks = 4, kRoom = 16;
  /// Words of row `row` in stages A and B.
  unsigned words(unsigned row) const { return softmax_ ? (keys_ + row + 15) / 16 : words_in_; }

  bool softmax_ = false, centred_ = false;
  unsigned keys_ = 0, words_in_ = 0, words_out_ = 0;
  RowLatency latency_;
  unsigned read_rows_ = 0, read_row_ = 0, read_word_ = 0, read_banks_ = 0;   // A
  unsigned offered_ = 0, means_ = 0, b_row_ = 0, b_word_ = 0, b_banks_ = 0;  // B
  unsigned scaled_ = 0, c_word_ = 0, left_ = 0, room_ = kRoom, ready_ = 0;   // C
  FixedQueue<std::uint64_t, 16> reduced_, averaged_, scales_;                // cycles of arrival
  FixedQueue<std::uint64_t, 32> writes_;
};

}  // namespace squat::estimate
