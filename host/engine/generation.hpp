// SPDX-License-Identifier: Apache-2.0
// Greedy generation on one device, step by step: read tokens, choose the next.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "host/engine/device.hpp"
#include "host/engine/sequence.hpp"

namespace squat::engine {

/// Why a continuation ended: it is long enough, the model chose its end-of-text token, the context is full, the caller asked.
enum class Stop { kLength, kEnd, kContext, kAsked };

class Generation {
 public:
  /// The device must outlive this. `clock_mhz`: assumed clock of a simulated device, 0 otherwise. `widths`: ask the device for
  /// the widths of every token of a prompt, which takes time.
  Generation(Device& device, int clock_mhz, bool widths) : device_(device), clock_mhz_(clock_mhz), widths_(widths) {}

  /// Runs tokens after those before, in passes of at most `chunk`. For each: in how many layers it had 8 bits, where known.
  std::vector<std::optional<int>> read(const std::vector<int>& ids, int chunk);

  /// (vocab): of the last token that was read; empty before the first.
  const std::vector<std::int32_t>& logits() const { return row_; }

  /// The likeliest token after the last one that was read; of equal ones the lower id.
  int choose() const;

  /// Chooses tokens and reads them, up to `limit` >= 1. `chosen` sees each before it is read, logits() being those it was
  /// chosen from, and ends the continuation by false; `was_read` (may be empty) sees it afterwards, with read()'s answer. The
  /// last token is chosen and not read.
  Stop extend(int limit, const std::function<bool(int id)>& chosen,
              const std::function<void(std::optional<int> eight_bit_layers)>& was_read = {});

  /// Forgets all tokens.
  void reset();

  /// Milliseconds of the last read: on the wall, or a simulated device's cycles at its assumed clock.
  double milliseconds() const { return milliseconds_; }
  /// Of all tokens and layers so far.
  double eight_bit_share() const { return share_.value(); }

 private:
  Device& device_;
  int clock_mhz_;
  bool widths_;
  EightBitShare share_;
  std::vector<std::int32_t> row_;
  double milliseconds_ = 0;
};

}  // namespace squat::engine
