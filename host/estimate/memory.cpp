// SPDX-License-Identifier: Apache-2.0
#include "host/estimate/memory.hpp"

#include <algorithm>

namespace squat::estimate {

void Memory::update(const MemorySignals& kernel) {
  retire(kernel, kernel.write_valid && write_ready());
  const std::uint64_t ready_at = now_ + (ddr_.latency > 0 ? ddr_.latency - 1 : 0);
  for (unsigned p = 0; p < kReadPorts; ++p) {
    if (kernel.read_beats[p] != 0 && address_ready(p)) readers_[p].bursts.push({ready_at, kernel.read_beats[p]});
  }
  if (kernel.write_beats != 0 && write_address_ready()) write_bursts_.push(kernel.write_beats);
  if (!in_refresh() && now_ >= free_at_) move();
  ++now_;
}

void Memory::retire(const MemorySignals& kernel, bool write_accepted) {
  for (unsigned p = 0; p < kReadPorts; ++p) {
    if (kernel.read_ready[p] && data_valid(p)) readers_[p].beats.pop();
  }
  if (responses_ != 0) --responses_;
  if (!write_accepted) return;
  const bool last = --write_bursts_.front() == 0;
  write_beats_.push({now_, last});
  if (last) write_bursts_.pop();
}

bool Memory::in_refresh() const {
  return ddr_.refresh_period != 0 && now_ % ddr_.refresh_period >= ddr_.refresh_period - ddr_.refresh_cycles;
}

bool Memory::writes_go_first() const {
  if (write_beats_.empty()) return false;
  const std::uint64_t oldest = write_beats_.front().since;
  if ((writing_ && oldest < batch_before_) || write_beats_.size() >= backends::DdrParameters::kWriteBatch ||
      now_ - oldest >= backends::DdrParameters::kWriteAge) {
    return true;
  }
  for (const Reader& reader : readers_) {
    if (!reader.bursts.empty()) return false;
  }
  return true;
}

void Memory::move() {
  const bool write = writes_go_first();
  if (!write) {
    bool wanted = false;
    for (const Reader& reader : readers_) wanted |= reader.wants(now_);
    if (!wanted) return;
  }
  if (write != writing_) {
    writing_ = write;
    free_at_ = batch_before_ = now_ + ddr_.turnaround;
    if (ddr_.turnaround != 0) return;
  }
  if (!write) return read();
  for (unsigned budget = ddr_.bytes_per_cycle / 16; budget != 0 && !write_beats_.empty(); --budget) {
    if (write_beats_.front().last) ++responses_;
    write_beats_.pop();
    ++stored_beats_;
  }
}

void Memory::read() {
  unsigned budget = ddr_.bytes_per_cycle / 16;
  unsigned p = first_ = first_ + 1 < kReadPorts ? first_ + 1 : 0;  // a port takes one beat a cycle; the first place rotates
  for (unsigned i = 0; i < kReadPorts && budget != 0; ++i) {
    Reader& reader = readers_[p];
    if (reader.wants(now_)) {
      const unsigned words = p == 0 ? 1 : beat_words_, moved = std::min(budget, words - reader.moved);
      budget -= moved;
      read_beats_ += moved;
      reader.moved += moved;
      if (reader.moved == words) {
        const bool last = --reader.bursts.front().left == 0;
        reader.beats.push(last);
        if (last) reader.bursts.pop();
        reader.moved = 0;
      }
    }
    p = p + 1 < kReadPorts ? p + 1 : 0;
  }
}

bool Memory::idle() const {
  for (const Reader& reader : readers_) {
    if (!reader.bursts.empty() || !reader.beats.empty()) return false;
  }
  return write_bursts_.empty() && write_beats_.empty() && responses_ == 0;
}

}  // namespace squat::estimate
