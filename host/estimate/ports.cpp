// SPDX-License-Identifier: Apache-2.0
#include "host/estimate/ports.hpp"

namespace squat::estimate {

void Reader::update(const std::array<Range, 2>& requests, bool address_taken, bool last_beat_taken) {
  const bool idle_before = left_ == 0;
  if (last_beat_taken) order_.pop();
  if (address_taken) {
    const unsigned beats = burst_beats(unit_, left_);
    order_.push(owner_);
    unit_ += beats;
    left_ -= beats;
  }
  if (!idle_before) return;
  for (unsigned c = 0; c < 2; ++c) {
    if (requests[c].beats == 0) continue;
    owner_ = c;
    unit_ = requests[c].unit;
    left_ = requests[c].beats;
    return;
  }
}

unsigned Writer::granted(const Signals& s) const {
  const bool free = left_ == 0 || (starts(s) && left_ == burst_beats(unit_, left_));
  if (!free) return kClients;
  for (unsigned c = 0; c < kClients; ++c) {
    if (s.requests[c].beats != 0) return c;
  }
  return kClients;
}

void Writer::update(const Signals& s) {
  const unsigned client = granted(s);
  const bool in = beat_in(s), start = starts(s);
  if (s.response && !due_.empty()) {
    --client_due_[due_.front()];
    due_.pop();
  }
  if (s.address_ready) address_ = 0;
  if (s.data_ready) data_ = false;
  if (in) {
    data_ = true;
    --burst_left_;
  }
  if (start) {
    const unsigned beats = burst_beats(unit_, left_);
    burst_left_ = address_ = beats;
    burst_owner_ = owner_;
    due_.push(owner_);
    ++client_due_[owner_];
    unit_ += beats;
    left_ -= beats;
  }
  if (client == kClients) return;
  owner_ = client;
  unit_ = s.requests[client].unit;
  left_ = s.requests[client].beats;
}

}  // namespace squat::estimate
