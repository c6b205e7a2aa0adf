// SPDX-License-Identifier: Apache-2.0
#include "host/estimate/array.hpp"

#include <algorithm>
#include <limits>

namespace squat::estimate {

PassWalk::PassWalk(const spec::Record& command, const WidthCounts& table)
    : command_(&command),
      tokens_(spec::get(command, spec::kGemmTokens)),
      position_(spec::get(command, spec::kGemmFirstPosition)),
      k_(spec::get(command, spec::kGemmK)),
      ks_(spec::get(command, spec::kGemmKs)),
      tiles_(spec::get(command, spec::kGemmTiles)),
      causal_(spec::get(command, spec::kGemmCausal)),
      mode_(spec::get(command, spec::kGemmMode)),
      words_(mode_ == 0 ? ks_ : 2 * ks_),
      wide_(spec::get(command, spec::kGemmWide)),
      banded_(spec::get(command, spec::kGemmBanded) != 0) {
  grouped_ = spec::get(command, spec::kGemmGrouped) != 0 && !banded_;
  groups8_ = ((grouped_ ? table.eight : tokens_) + 15) / 16;
  groups_ = groups8_ + (grouped_ ? (tokens_ - table.eight + 15) / 16 : 0);
}

bool PassWalk::pair() const { return grouped_ && mode_ == 0 && group_ >= groups8_; }

unsigned PassWalk::last_position() const { return position_ + std::min(16 * group_ + 15, tokens_ - 1); }

bool PassWalk::skipped() const { return causal_ == 1 && 32 * tile_ > last_position(); }

ArrayPass PassWalk::pass() const {
  const unsigned visible = (last_position() + 8) / 8 * 8;
  ArrayPass pass;
  pass.steps = banded_ ? ks_ : causal_ == 2 ? std::min(visible, k_) : k_;
  pass.words = together() * words_;
  pass.tile = tile_;
  pass.count = causal_ == 1 ? std::min(together(), last_position() / 32 + 1 - tile_) : together();
  pass.group = group_;
  pass.pair = pair();
  pass.tile_last = group_ + (pass.pair ? 2 : 1) >= groups_;
  pass.last = pass.tile_last && tile_ + together() == tiles_;
  pass.command = command_;
  return pass;
}

void PassWalk::advance() {
  group_ += pair() ? 2 : 1;
  if (group_ < groups_) return;
  group_ = 0;
  tile_ += wide_ + 1;
}

bool Array::update(std::uint64_t now, const Signals& s) {
  const bool step = steps(s.held), step_last = step && current_.steps == 1;
  const bool take = !current_valid_ || step_last;  // of the pass on offer
  const bool emit = state_ == State::kEmit;
  bool moved = s.command != nullptr || s.job_taken || s.bank_free[0] || s.bank_free[1] || (step && (!started_ || step_last)) ||
               (take && emit) || (state_ != State::kIdle && !emit);

  // Accumulator banks and jobs.
  for (unsigned b = 0; b < 2; ++b) busy_[b] = (busy_[b] && !s.bank_free[b]) || (step && b == bank_);
  if (s.job_taken) {
    done_[job_bank_] = false;
    job_bank_ ^= 1;
  }
  if (!finishing_.empty() && finishing_.front().at == now + 1) {
    done_[finishing_.front().bank] = true;
    finishing_.pop();
    moved = true;
  }

  // The pass under way.
  if (step && !started_) info_[bank_] = current_;
  if (step) {
    started_ = true;
    --current_.steps;
  }
  if (step_last) {
    finishing_.push({now + step_to_job_, bank_});
    bank_ ^= 1;
  }
  if (take) {
    started_ = false;
    current_valid_ = emit;
    if (emit) current_ = walk_.pass();
  }

  // Passes to come.
  switch (state_) {
    case State::kIdle:
      if (s.command != nullptr) {
        walk_ = PassWalk(*s.command, s.table);
        state_ = State::kCount;
      }
      break;
    case State::kCount:
      state_ = State::kCheck;
      break;
    case State::kCheck:
      state_ = State::kSee;
      break;
    case State::kSee:
      state_ = State::kDecide;
      break;
    case State::kDecide:
      if (walk_.skipped()) {
        walk_.advance();
        state_ = State::kSee;
      } else {
        state_ = State::kEmit;
      }
      break;
    case State::kEmit:
      if (!take) break;
      walk_.advance();
      state_ = walk_.done() ? State::kIdle : State::kSee;
      break;
  }
  return moved;
}

std::uint64_t Array::quiet_cycles(std::uint64_t now) const {
  std::uint64_t cycles = std::numeric_limits<std::uint64_t>::max();
  if (started_) cycles = current_.steps - 1;
  // The update of cycle at - 1 shows the job.
  if (!finishing_.empty()) cycles = std::min(cycles, finishing_.front().at - 1 - std::min(now, finishing_.front().at - 1));
  return cycles;
}

}  // namespace squat::estimate
