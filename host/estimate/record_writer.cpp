// SPDX-License-Identifier: Apache-2.0
#include "host/estimate/record_writer.hpp"

#include <algorithm>

namespace squat::estimate {

Range RecordWriter::request() const {
  if (!picked_ || announced_) return {};
  return {base_ + std::uint64_t{4} * picked_index_, 4};
}

bool RecordWriter::idle() const {
  return !picked_ && std::all_of(waiting_.begin(), waiting_.end(), [](unsigned records) { return records == 0; });
}

bool RecordWriter::update(const std::array<bool, kUnits>& taken, const std::array<std::uint32_t, kUnits>& index,
                          const std::array<bool, kUnits>& done, bool granted, bool data_taken) {
  if (base_ == 0) return false;
  bool moved = !idle();
  const bool finished = data_taken && beat_ == 3;
  if (!picked_) {
    pick();
  } else if (finished) {
    picked_ = false;
  }
  if (granted) announced_ = true;
  if (data_taken) beat_ = (beat_ + 1) % 4;
  if (finished) announced_ = false;
  for (unsigned u = 0; u < kUnits; ++u) {
    if (done[u]) ++waiting_[u];
    if (taken[u]) issued_[u].push(index[u]);
    moved |= done[u] || taken[u];
  }
  return moved;
}

/// The oldest record of the first unit that has one goes into the output register.
void RecordWriter::pick() {
  for (unsigned u = 0; u < kUnits; ++u) {
    if (waiting_[u] == 0) continue;
    picked_ = true;
    picked_index_ = issued_[u].front();
    issued_[u].pop();
    --waiting_[u];
    return;
  }
}

}  // namespace squat::estimate
