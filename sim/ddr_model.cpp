// SPDX-License-Identifier: Apache-2.0
#include "sim/ddr_model.hpp"

#include <algorithm>
#include <cinttypes>
#include <cstdio>

namespace squat::sim {

DdrModel::DdrModel(unsigned ports, DeviceMemory& memory, SimulationLog& log, const SimulationOptions& options)
    : memory_(memory),
      log_(log),
      ddr_(options.memory()),
      fault_(options.fault),
      stalls_(options.stall_seed),
      readers_(ports),
      writers_(ports) {}

void DdrModel::drive(AxiPort* ports) {
  const auto count = static_cast<unsigned>(readers_.size());
  for (unsigned p = 0; p < count; ++p) {
    const unsigned channel = 5 * p;
    readers_[p].drive(ports[p], stalls_.rests(channel), stalls_.rests(channel + 1));
    writers_[p].drive(ports[p], stalls_.rests(channel + 2), stalls_.rests(channel + 3), stalls_.rests(channel + 4));
  }
}

void DdrModel::update(const AxiPort* ports) {
  const auto count = static_cast<unsigned>(readers_.size());
  for (unsigned p = 0; p < count; ++p) {
    const AxiPort& port = ports[p];
    readers_[p].retire(port);
    writers_[p].retire(port, now_);
    if (port.ar.accepted()) readers_[p].accept(take(port.ar, false, p));
    if (port.aw.accepted()) writers_[p].accept(take(port.aw, true, p));
  }
  if (!in_refresh() && now_ >= free_at_) move_data();
  ++now_;
  stalls_.next_cycle();
}

DdrBurst DdrModel::take(const AxiAddress& request, bool write, unsigned port) {
  DdrBurst burst;
  burst.addr = request.addr & ~std::uint64_t{kBeatBytes - 1};
  burst.left = request.beats();
  if (!write) burst.words = request.beat_words();
  // A beat fetched at the end of cycle n is offered in cycle n + 1.
  burst.ready_at = now_ + (ddr_.latency > 0 ? ddr_.latency - 1 : 0);
  std::uint64_t& number = write ? write_bursts_ : read_bursts_;
  if (++number == (write ? fault_.write_burst : fault_.read_burst)) burst.resp = kRespSlvErr;
  if (!memory_.contains(burst.addr, std::uint64_t{burst.left} * burst.words * kBeatBytes)) {
    burst.resp = kRespDecErr;
    char text[120];
    std::snprintf(text, sizeof text, "m_axi_gmem%u: %s of %u beats at 0x%" PRIx64 " is outside the device memory", port,
                  write ? "write" : "read", burst.left, request.addr);
    log_.error(text);
  }
  return burst;
}

bool DdrModel::in_refresh() {
  if (ddr_.refresh_period == 0) return false;
  const bool busy = phase_ >= ddr_.refresh_period - ddr_.refresh_cycles;
  phase_ = phase_ + 1 == ddr_.refresh_period ? 0 : phase_ + 1;
  return busy;
}

bool DdrModel::writes_go_first() const {
  unsigned buffered = 0;
  std::uint64_t oldest = now_;
  for (const DdrWritePort& writer : writers_) {
    if (writer.buffered() == 0) continue;
    buffered += writer.buffered();
    oldest = std::min(oldest, writer.oldest());
  }
  if (buffered == 0) return false;
  const bool reads_open = std::any_of(readers_.begin(), readers_.end(), [](const DdrReadPort& p) { return p.pending(); });
  // While writing, the beats that were there when the bus turned go out; later ones do not keep the readers waiting.
  return (writing_ && oldest < batch_before_) || !reads_open || buffered >= DdrParameters::kWriteBatch ||
         now_ - oldest >= DdrParameters::kWriteAge;
}

void DdrModel::move_data() {
  const auto count = static_cast<unsigned>(readers_.size());
  bool reads_wanted = false;
  for (const DdrReadPort& reader : readers_) reads_wanted |= reader.wants_beat(now_);
  const bool write = writes_go_first();
  if (!write && !reads_wanted) return;
  if (write != writing_) {
    writing_ = write;
    free_at_ = batch_before_ = now_ + ddr_.turnaround;
    if (ddr_.turnaround != 0) return;
  }
  unsigned budget = ddr_.bytes_per_cycle / static_cast<unsigned>(kBeatBytes);
  if (write) {
    for (DdrWritePort& writer : writers_) {
      for (; budget != 0 && writer.buffered() != 0; --budget, ++write_beats_) writer.store_beat(memory_);
    }
    return;
  }
  unsigned p = first_ = first_ + 1 < count ? first_ + 1 : 0;  // a port takes one beat per cycle; the first place rotates
  for (unsigned i = 0; i < count && budget != 0; ++i) {
    if (readers_[p].wants_beat(now_)) {
      const unsigned moved = readers_[p].fetch(memory_, budget);
      budget -= moved;
      read_beats_ += moved;
    }
    p = p + 1 < count ? p + 1 : 0;
  }
}

void DdrModel::restart_timing() {
  stalls_.restart();
  phase_ = first_ = 0;
  free_at_ = now_;
  writing_ = false;
  read_bursts_ = write_bursts_ = read_beats_ = write_beats_ = 0;
}

void DdrModel::reset() {
  for (DdrReadPort& reader : readers_) reader.reset();
  for (DdrWritePort& writer : writers_) writer.reset();
  restart_timing();
}

bool DdrModel::idle() const {
  return std::all_of(readers_.begin(), readers_.end(), [](const DdrReadPort& p) { return p.idle(); }) &&
         std::all_of(writers_.begin(), writers_.end(), [](const DdrWritePort& p) { return p.idle(); });
}

}  // namespace squat::sim
