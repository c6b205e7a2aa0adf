// SPDX-License-Identifier: Apache-2.0
#include "host/estimate/vec.hpp"

#include <limits>

#include "hls/token_control.hpp"

namespace squat::estimate {

unsigned tclm_cycles(const spec::Record& tclm) {
  const auto rule = static_cast<hls::WidthRule>(spec::get(tclm, spec::kTclmRule));
  const unsigned tokens = spec::get(tclm, spec::kTclmTokens);
  const unsigned table = 1 + tokens + 1;  // start, a token a cycle, done
  if (rule == hls::WidthRule::kAll8 || rule == hls::WidthRule::kAll4) return table;
  // Seed 2; a score a cycle, 7 cycles to its key.
  const unsigned load = 2 + tokens + 7;
  if (rule == hls::WidthRule::kBudget || spec::get(tclm, spec::kTclmFirstPosition) != 0) return load + table;
  // Sixteen comparisons a cycle, 5 cycles to the last decision.
  unsigned rank = 5;
  for (unsigned i = 0; i < tokens; ++i) rank += ((rule == hls::WidthRule::kPrefix ? i + 1 : tokens) + 15) / 16;
  return load + rank + table;
}

unsigned rope_table_cycles(const spec::Record& rope_table) {
  // An entry a cycle, eight cycles to the buffer.
  return (spec::get(rope_table, spec::kRopeTableTokens) << (spec::get(rope_table, spec::kRopeTableLog2HeadDim) - 1)) + 8;
}

bool Vec::update(std::uint64_t now, const spec::Record* command, bool read_granted, bool write_granted) {
  switch (state_) {
    case State::kIdle:
      if (command == nullptr) return false;
      command_ = command;
      state_ = State::kCheck;
      return true;
    case State::kCheck:
      state_ = State::kStart;
      return true;
    case State::kStart: {
      const std::uint32_t opcode = spec::get(*command_, spec::kCmdOpcode);
      rows_active_ = opcode == spec::kOpNorm || opcode == spec::kOpSoftmax;
      if (rows_active_)
        rows_ = RowPipeline(*command_);
      else
        left_ = opcode == spec::kOpTclm ? tclm_cycles(*command_) : rope_table_cycles(*command_);
      state_ = State::kRun;
      return true;
    }
    case State::kRun:
      if (rows_active_) {
        if (rows_.done())
          state_ = State::kDone;
        else
          rows_.update(now, read_granted, write_granted);
        return true;
      }
      if (left_ == 0)
        state_ = State::kDone;
      else
        --left_;
      return state_ == State::kDone;
    case State::kDone:
      state_ = State::kIdle;
      return true;
  }
  return true;
}

std::uint64_t Vec::quiet_cycles() const {
  if (state_ == State::kIdle) return std::numeric_limits<std::uint64_t>::max();
  return state_ == State::kRun && !rows_active_ ? left_ : 0;
}

void Vec::skip(std::uint64_t cycles) {
  if (state_ == State::kRun && !rows_active_) left_ -= static_cast<unsigned>(cycles);
}

}  // namespace squat::estimate
