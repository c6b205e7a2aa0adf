// SPDX-License-Identifier: Apache-2.0
// Greedy generation on one device, step by step: read tokens, choose the next.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "host/cli/devices.hpp"
#include "host/cli/forward.hpp"
#include "host/cli/sha256.hpp"

namespace squat::cli {

class Generation {
 public:
  /// `widths`: ask the device for the widths of every token of a prompt, which takes time.
  Generation(OpenDevice& opened, bool widths) : opened_(opened), widths_(widths) {}

  /// Runs tokens after those before, in passes of at most `chunk`. For each: in how many layers it had 8 bits, where known.
  std::vector<std::optional<int>> read(const std::vector<int>& ids, int chunk);

  /// The likeliest token after the last one that was read; of equal ones the lower id.
  int choose();

  /// Forgets all tokens.
  void reset() { opened_.device->reset(); }

  /// Milliseconds of the last read: on the wall, or a simulated device's cycles at its assumed clock.
  double milliseconds() const { return milliseconds_; }
  /// "measured", "rtl-simulated".
  const std::string& source() const { return opened_.source; }
  double eight_bit_share() const { return share_.value(); }
  /// Of all logits that were chosen from; once.
  std::string logits_sha256() { return hash_.finish(); }

 private:
  OpenDevice& opened_;
  bool widths_;
  EightBitShare share_;
  Sha256 hash_;
  std::vector<std::int32_t> row_;
  double milliseconds_ = 0;
};

}  // namespace squat::cli
