// SPDX-License-Identifier: Apache-2.0
#include "host/estimate/dispatch.hpp"

#include <algorithm>

namespace squat::estimate {

bool Fetch::update(bool granted, bool beat, bool handed) {
  const unsigned chunk = std::min(left_, kChunk);
  const bool ask = request_ == 0 && left_ != 0 && reserved_ + chunk <= kBuffer;
  if (granted) {
    reserved_ += request_;
    next_ += request_;
    request_ = 0;
  }
  if (ask) {
    request_ = chunk;
    left_ -= chunk;
  }
  const bool checked = whole_;
  whole_ = beat && ++beats_ % 4 == 0;
  if (checked) ++buffered_;
  if (handed) {
    --reserved_;
    --buffered_;
  }
  return granted || ask || beat || checked || handed;
}

const spec::Record* Dispatch::offered(unsigned u) const {
  const Unit& unit = units_[u];
  if (unit.queue.empty() || unit.running == kRunning) return nullptr;
  const spec::Record& record = records_[unit.queue.front()];
  constexpr std::array<spec::Field, kUnits> kWait{spec::kCmdWaitLoad, spec::kCmdWaitGemm, spec::kCmdWaitVec, spec::kCmdWaitIo};
  for (unsigned w = 0; w < kUnits; ++w) {
    if (((units_[w].done - spec::get(record, kWait[w])) & 0x8000U) != 0) return nullptr;  // 16-bit counters
  }
  return &record;
}

bool Dispatch::complete() const {
  return next_ == records_.size() &&
         std::all_of(units_.begin(), units_.end(), [](const Unit& u) { return u.queue.empty() && u.running == 0; });
}

bool Dispatch::update(bool record, const std::array<bool, kUnits>& taken, const std::array<bool, kUnits>& done) {
  const bool push = record && takes_record();
  bool moved = push;
  for (unsigned u = 0; u < kUnits; ++u) {
    Unit& unit = units_[u];
    if (done[u]) {
      ++unit.done;
      --unit.running;
    }
    if (taken[u]) {
      unit.queue.pop();
      ++unit.running;
    }
    moved |= taken[u] || done[u];
  }
  if (push) {
    units_[unit_of(next_)].queue.push(static_cast<std::uint32_t>(next_));
    ++next_;
  }
  return moved;
}

}  // namespace squat::estimate
