// SPDX-License-Identifier: Apache-2.0
#include "host/estimate/record_writer.hpp"

#include <algorithm>

namespace squat::estimate {

Range RecordWriter::request() const {
  if (!picked_ || announced_) return {};
  return {base_ + std::uint64_t{4} * issued_[pick_].front(), 4};
}

bool RecordWriter::idle() const {
  return std::all_of(waiting_.begin(), waiting_.end(), [](unsigned records) { return records == 0; });
}

bool RecordWriter::update(const std::array<bool, kUnits>& taken, const std::array<std::uint32_t, kUnits>& index,
                          const std::array<bool, kUnits>& done, bool granted, bool data_taken) {
  if (base_ == 0) return false;
  bool moved = picked_;
  const bool finished = data_taken && beat_ == 3;
  if (!picked_) {
    for (unsigned u = kUnits; u-- > 0;) {
      if (waiting_[u] == 0) continue;
      pick_ = u;
      picked_ = true;
    }
  } else if (finished) {
    picked_ = false;
    issued_[pick_].pop();
    --waiting_[pick_];
  }
  if (granted) announced_ = true;
  if (data_taken) beat_ = (beat_ + 1) % 4;
  if (finished) announced_ = false;
  for (unsigned u = 0; u < kUnits; ++u) {
    if (done[u]) ++waiting_[u];
    if (taken[u]) issued_[u].push(index[u]);
    moved |= done[u] || taken[u];
  }
  return moved || picked_;
}

}  // namespace squat::estimate
