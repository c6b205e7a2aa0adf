// SPDX-License-Identifier: Apache-2.0
#include "host/estimate/weights.hpp"

#include <algorithm>

#include "host/estimate/ports.hpp"

namespace squat::estimate {

void WeightPort::start(const spec::Record& load, unsigned bank) {
  bank_ = bank;
  turn_ = 0;
  wide_ = spec::get(load, spec::kLoadWide);
  slice_stride_ = spec::get(load, spec::kLoadBankStride);
  first_ = spec::get(load, spec::kLoadOffset);
  unit_ = first_ + slice_start();
  stride_ = spec::get(load, spec::kLoadTileStride);
  range_ = left_ = spec::get(load, spec::kLoadWords) / beat_words_;
  tiles_ = spec::get(load, spec::kLoadTiles);
  state_ = State::kAddress;
}

unsigned WeightPort::update(unsigned free, bool address_taken, bool beat, bool last) {
  const bool issue = state_ == State::kIssue && free >= beats_ && !order_.full() && (address_ == 0 || address_taken);
  moved_ = issue || done_ || address_ != 0 || beat || state_ == State::kAddress || state_ == State::kCut;
  done_ = beat && last && order_.front();
  if (beat && last) order_.pop();
  if (address_taken) address_ = 0;
  switch (state_) {
    case State::kAddress:
      state_ = State::kCut;
      break;
    case State::kCut:
      beats_ = burst_beats(unit_, left_, beat_words_);
      state_ = State::kIssue;
      break;
    default:
      break;
  }
  if (!issue) return 0;
  const bool range_end = left_ == beats_, job_end = range_end && tiles_ == 1;
  address_ = beats_;
  order_.push(job_end);
  if (range_end) {
    turn_ = turn_ == wide_ ? 0 : turn_ + 1;
    first_ += stride_;
    unit_ = first_ + slice_start();
    left_ = range_;
    --tiles_;
  } else {
    unit_ += std::uint64_t{beats_} * beat_words_;
    left_ -= beats_;
  }
  state_ = job_end ? State::kIdle : State::kAddress;
  return beats_;
}

bool Weights::ready() const {
  return std::all_of(ports_.begin(), ports_.end(), [](const WeightPort& p) { return p.idle(); });
}

bool Weights::done() const {
  return std::all_of(done_.begin(), done_.end(), [](unsigned jobs) { return jobs != 0; });
}

bool Weights::holds(unsigned words) const {
  return std::all_of(level_.begin(), level_.end(), [beats = words / beat_words_](unsigned level) { return level >= beats; });
}

bool Weights::update(const Signals& s) {
  const bool reported = done();
  bool moved = reported || s.command != nullptr || s.pop != 0;
  const unsigned popped = s.pop / beat_words_;
  for (unsigned b = 0; b < kBanks; ++b) {
    WeightPort& port = ports_[b];
    const bool finished = port.done();
    const unsigned reserved = port.update(free_[b], s.address_taken[b], s.beat[b], s.last[b]);
    moved |= port.moved();
    if (s.command != nullptr) port.start(*s.command, b);
    level_[b] += (s.beat[b] ? 1 : 0) - popped;
    free_[b] += popped - reserved;
    done_[b] += (finished ? 1 : 0) - (reported ? 1 : 0);
  }
  return moved;
}

}  // namespace squat::estimate
