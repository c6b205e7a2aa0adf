// SPDX-License-Identifier: Apache-2.0
#include "host/estimate/post.hpp"

namespace squat::estimate {

unsigned post_latency(unsigned post) {
  constexpr unsigned kSum = 2, kRequant = 3;
  switch (post) {
    case spec::kPostRaw:
    case spec::kPostLogits:
      return kSum;
    case spec::kPostCode:
      return kSum + kRequant;
    case spec::kPostResidual:
      return kSum + kRequant + 1;
    case spec::kPostRope:
      return kSum + kRequant + 3;
    case spec::kPostGated:
      return kSum + kRequant + 8;
    default:
      return kSum + kRequant + 9;
  }
}

bool Post::group_done() const {
  return !row_valid() || (row_done() && (row_ == 15 || (!grouped_ && slot() + 1 >= tokens_) || (banded_ && row_ == 3)));
}

void Post::take(const Signals& s) {
  const spec::Record& c = *s.job->command;
  active_ = true;
  job_ = *s.job;
  table_ = s.table;
  bank_ = s.bank;
  post_ = spec::get(c, spec::kGemmPost);
  tokens_ = spec::get(c, spec::kGemmTokens);
  grouped_ = spec::get(c, spec::kGemmGrouped) != 0;
  banded_ = spec::get(c, spec::kGemmBanded) != 0;
  dst_ = spec::get(c, spec::kGemmDst);
  dst_stride_ = spec::get(c, spec::kGemmDstStride);
  pair_ = row_ = part_ = band_ = 0;
}

/// Moves the counters on by one read.
void Post::count() {
  const bool valid = row_valid(), row_end = row_done(), group_end = group_done();
  if (valid && (!banded_ || band_ == 3)) part_ = row_end ? 0 : part_ + 1;
  band_ = valid && banded_ ? (band_ + 1) % 4 : 0;
  if (group_end) {
    row_ = part_ = 0;
    pair_ = 1;
  } else if (row_end) {
    ++row_;
  }
}

bool Post::update(std::uint64_t now, const Signals& s) {
  const bool moved = !idle() || s.job != nullptr || bank_free_[0] || bank_free_[1];
  if (!moved) return false;
  const bool ended = done(), step = steps(), issue = issues(), leave = leaves(), ready = beat_ready();
  const bool valid = active_ && row_valid(), job_end = active_ && job_done();

  // Output queue.
  const bool sent = out_valid_ && (post_ != spec::kPostLogits || s.logits_ready);
  const bool pop = !finished_.empty() && (!out_valid_ || sent);
  if (pop) {
    out_unit_ = finished_.front();
    finished_.pop();
    out_valid_ = true;
    --issued_;
  } else if (sent) {
    out_valid_ = false;
  }
  if (!under_way_.empty() && under_way_.front().at == now) {
    finished_.push(under_way_.front().unit);
    under_way_.pop();
  }
  const bool push = issue && issue_.last;
  if (push) {
    ++issued_;
    under_way_.push({now + post_latency(post_), dst_ + issue_.token * dst_stride_ + 4 * issue_.unit});
  }
  gap_ = push && post_ == spec::kPostGelu;
  bank_free_ = {leave && issue_.end && issue_.bank == 0, leave && issue_.end && issue_.bank == 1};

  // Issue register, beat register, counters.
  if (ready) {
    issue_ = beat_;
    issue_valid_ = beat_valid_;
  }
  if (step) {
    beat_valid_ = valid || job_end;
    beat_ = {!valid, job_end, !banded_ || band_ == 3, bank_, slot(), 2 * job_.tile + part_};
  } else if (ready) {
    beat_valid_ = false;
  }
  if (step && job_end && job_.last)
    drain_ = true;
  else if (ended)
    drain_ = false;
  if (step && job_end) active_ = false;
  if (step) count();
  if (s.job != nullptr) take(s);
  return true;
}

bool LogitsWriter::update(bool push, std::uint32_t unit, bool granted, bool data_taken) {
  const bool moved = push || granted || data_taken || !idle();
  const unsigned held = held_.size();
  // At most one announced beat is still to be written: later ones can wait for a neighbour meanwhile.
  const bool announce = waiting_ != 0 && request_.beats == 0 && held - waiting_ <= 1;
  const std::uint32_t first = waiting_ != 0 ? held_.at(held - waiting_) : 0;
  const bool two = waiting_ > 1 && held_.at(held - waiting_ + 1) == first + 4;
  if (granted) request_.beats = 0;
  if (announce) {
    request_ = {first, two ? 8U : 4U};
    waiting_ -= two ? 2 : 1;
  }
  if (data_taken && ++quarter_ == 4) {
    quarter_ = 0;
    held_.pop();
  }
  if (push) {
    held_.push(unit);
    ++waiting_;
  }
  return moved;
}

}  // namespace squat::estimate
