// SPDX-License-Identifier: Apache-2.0
#include "host/estimate/io.hpp"

namespace squat::estimate {
namespace {

constexpr unsigned kRequant = 3;  ///< squat_io_requant
constexpr unsigned kMemory = 2;   ///< reads of vector and activation memory

}  // namespace

AppendRanges append_ranges(const spec::Record& append) {
  const unsigned tokens = spec::get(append, spec::kAppendKTokens);
  const unsigned position = spec::get(append, spec::kAppendKFirstPosition);
  const unsigned head_dim = 1U << spec::get(append, spec::kAppendKLog2HeadDim);
  AppendRanges r;
  r.first = spec::get(append, spec::kAppendKDst);
  r.head_stride = spec::get(append, spec::kAppendKHeadStride);
  r.heads = spec::get(append, spec::kAppendKKvHeads);
  if (spec::get(append, spec::kCmdOpcode) == spec::kOpAppendK) {
    r.beats = 2 * head_dim;
    r.inner_stride = r.beats;
    r.first += std::uint64_t{position / 32} * r.beats;
    r.inner = (position % 32 + tokens + 31) / 32;
  } else {
    r.beats = 2 * tokens;
    r.inner_stride = spec::get(append, spec::kAppendVTileStride);
    r.first += std::uint64_t{2} * position;
    r.inner = head_dim / 32;
  }
  return r;
}

unsigned load_beats(const spec::Record& load) {
  if (spec::get(load, spec::kCmdOpcode) == spec::kOpLoadParams) return spec::get(load, spec::kLoadParamsCount) / 4;
  return spec::get(load, spec::kLoadResidualTokens) * spec::get(load, spec::kLoadResidualWords);
}

bool Io::held(const Signals& s) const {
  if (load_active_) {
    if (in_left_ == 0) return writes_vector() && !s.vector_write;
    return !s.beat || !read_ready(s.vector_read);
  }
  if (append_active_ && range_ != ranges_total()) {
    if (request_) return write_.beats != 0 && !s.write_granted;
    return !appends() || !(reads_activation() ? s.activation_read : s.vector_read);
  }
  return state_ == State::kSettle && !settled(s.writes_idle);
}

bool Io::update(const Signals& s) {
  const bool moved = s.command != nullptr || (state_ != State::kIdle && state_ != State::kRun && state_ != State::kSettle) ||
                     s.read_granted || s.write_granted || s.data_taken || s.beat || pipe_ != 0 || sums_ != 0 || read_due_ ||
                     reads_activation() || reads_vector(s.beat) || request_ || load_done() || append_done() ||
                     done(s.writes_idle);
  if (!moved) return false;
  const State before = state_;
  const bool op_done = load_done() || append_done(), settle = settled(s.writes_idle);

  // Range registers: one cycle each.
  if (s.read_granted) read_.beats = 0;
  if (read_due_) {
    read_ = {spec::get(command_, spec::kLoadResidualSrc), load_beats(command_)};
    read_due_ = false;
  }
  if (is_load())
    load(s);
  else
    append(s);

  switch (before) {
    case State::kIdle:
      if (s.command == nullptr) break;
      command_ = *s.command;
      opcode_ = spec::get(command_, spec::kCmdOpcode);
      state_ = State::kMultiply;
      break;
    case State::kMultiply:
      state_ = State::kCheck;
      break;
    case State::kCheck:
      state_ = State::kStart;
      break;
    case State::kStart:
      start();
      state_ = State::kRun;
      break;
    case State::kRun:
      if (op_done) state_ = State::kSettle;
      break;
    case State::kSettle:
      if (settle) state_ = State::kIdle;
      break;
  }
  return true;
}

void Io::start() {
  add_ = residual() && spec::get(command_, spec::kLoadResidualAdd) != 0;
  if (is_load()) {
    load_active_ = read_due_ = true;
    in_left_ = out_left_ = load_beats(command_);
  } else {
    append_active_ = request_ = true;
    ranges_ = append_ranges(command_);
    range_ = beat_ = 0;
  }
}

void Io::load(const Signals& s) {
  const bool take = s.beat && read_ready(s.vector_read), write = sums_ != 0 && s.vector_write, finished = load_done();
  if (residual()) {
    if ((pipe_ >> (kRequant - 1) & 1U) != 0) ++sums_;
    pipe_ = (pipe_ << 1 | (take ? 1U : 0U)) & ((1U << kRequant) - 1);
    if (take) ++used_;
    if (write) {
      --used_;
      --sums_;
      --out_left_;
    }
  } else if (take) {
    --out_left_;
  }
  if (take) --in_left_;
  if (finished) load_active_ = false;
}

void Io::append(const Signals& s) {
  const bool keys = opcode_ == spec::kOpAppendK;
  const bool issue = appends() && (keys ? s.activation_read : s.vector_read), finished = append_done();
  const unsigned latency = keys ? kMemory : kMemory + kRequant;
  if ((pipe_ >> (latency - 1) & 1U) != 0) ++queued_;
  pipe_ = (pipe_ << 1 | (issue ? 1U : 0U)) & ((1U << latency) - 1);
  if (issue) ++used_;
  if (s.data_taken) {
    --used_;
    --queued_;
  }
  const bool range_ready = write_.beats == 0 || s.write_granted;
  if (s.write_granted) write_.beats = 0;
  if (append_active_ && request_ && range_ready) {
    write_ = {ranges_.unit(range_), ranges_.beats};
    request_ = false;
  }
  if (issue && ++beat_ == ranges_.beats) {
    beat_ = 0;
    request_ = ++range_ != ranges_total();
  }
  if (finished) append_active_ = false;
}

}  // namespace squat::estimate
