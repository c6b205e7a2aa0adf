// SPDX-License-Identifier: Apache-2.0
// The reading and the writing half of one memory port: AXI on one side, single beats for the DDR bus on the other.
#pragma once

#include <cstdint>

#include "sim/axi_signals.hpp"
#include "sim/device_memory.hpp"
#include "sim/ring.hpp"

namespace squat::sim {

/// A burst as the memory took it. `resp` is what it will be answered with.
struct DdrBurst {
  std::uint64_t addr = 0, ready_at = 0;
  unsigned left = 0;   ///< beats not yet fetched or received
  unsigned words = 1;  ///< kBeatBytes in a beat
  unsigned moved = 0;  ///< of the beat being fetched
  std::uint8_t resp = kRespOkay;
};

/// Bursts are answered in order; kBursts of them may wait.
class DdrReadPort {
 public:
  static constexpr unsigned kBursts = 16, kBeats = 8;

  void drive(AxiPort& port, bool rest_ar, bool rest_r);
  /// Frees the place of a beat that was taken in this cycle.
  void retire(const AxiPort& port) {
    if (port.r.accepted()) {
      beats_.pop();
      shown_ = false;
    }
  }
  void accept(const DdrBurst& burst) { bursts_.push(burst); }
  /// A request waits for data, now or later.
  bool pending() const { return !bursts_.empty(); }
  bool wants_beat(std::uint64_t now) const { return !bursts_.empty() && bursts_.front().ready_at <= now && !beats_.full(); }
  /// Moves up to `most` words of the next beat, which is offered when it is whole. Returns how many.
  unsigned fetch(DeviceMemory& memory, unsigned most);
  bool idle() const { return bursts_.empty() && beats_.empty(); }
  void reset();

 private:
  struct Item {
    ReadBeat data;
    std::uint8_t resp;
    bool last;
  };
  Ring<DdrBurst, kBursts> bursts_;
  Ring<Item, kBeats> beats_;
  Item part_{};         ///< the beat being fetched
  bool shown_ = false;  ///< a beat that was offered once stays offered
};

/// Write data wait in a buffer until the bus turns to writing; the response follows the last beat into the memory, so a
/// kernel that reads before the response sees the old bytes.
class DdrWritePort {
 public:
  static constexpr unsigned kBursts = 16, kBeats = 128;

  void drive(AxiPort& port, bool rest_aw, bool rest_w, bool rest_b);
  void retire(const AxiPort& port, std::uint64_t now);
  void accept(const DdrBurst& burst) { bursts_.push(burst); }
  unsigned buffered() const { return beats_.size(); }
  /// Cycle in which the oldest buffered beat came; only valid when buffered() > 0.
  std::uint64_t oldest() const { return beats_.front().since; }
  void store_beat(DeviceMemory& memory);
  bool idle() const { return bursts_.empty() && beats_.empty() && responses_.empty(); }
  void reset();

 private:
  struct Item {
    std::uint64_t addr, since;
    Beat data;
    std::uint16_t strb;
    std::uint8_t resp;
    bool last;
  };
  Ring<DdrBurst, kBursts> bursts_;
  Ring<Item, kBeats> beats_;
  Ring<std::uint8_t, 256> responses_;
  std::uint8_t burst_resp_ = kRespOkay;  ///< first error of the burst being stored
  bool shown_ = false;
};

}  // namespace squat::sim
