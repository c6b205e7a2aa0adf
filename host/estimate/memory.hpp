// SPDX-License-Identifier: Apache-2.0
// The timing of the memory behind the ports, without its bytes: cycle for cycle that of the simulator's memory model.
#pragma once

#include <array>
#include <cstdint>

#include "host/backends/xrt/ddr_parameters.hpp"
#include "host/estimate/fixed_queue.hpp"

namespace squat::estimate {

inline constexpr unsigned kReadPorts = 5;  ///< 0 commands and io, 1..4 weights

/// What the kernel's ports show in a cycle. Port 0 also writes.
struct MemorySignals {
  std::array<unsigned, kReadPorts> read_beats{};  ///< of the burst whose address is valid; 0 = none
  std::array<bool, kReadPorts> read_ready{};
  unsigned write_beats = 0;  ///< of the burst whose address is valid; 0 = none
  bool write_valid = false;
};

/// One data bus for all ports: DdrParameters says how fast, docs/reference/cycles.md how it is shared.
class Memory {
 public:
  /// beat_words: 16-byte words in a beat of the weights' ports.
  Memory(const backends::DdrParameters& parameters, unsigned beat_words) : ddr_(parameters), beat_words_(beat_words) {}

  // Outputs of this cycle.
  bool address_ready(unsigned port) const { return !readers_[port].bursts.full(); }
  bool data_valid(unsigned port) const { return !readers_[port].beats.empty(); }
  bool data_last(unsigned port) const { return readers_[port].beats.front(); }
  bool write_address_ready() const { return !write_bursts_.full(); }
  bool write_ready() const { return !write_bursts_.empty() && !write_beats_.full() && responses_ < kResponses; }
  bool response_valid() const { return responses_ != 0; }

  /// Ends the cycle. A response is always taken.
  void update(const MemorySignals& kernel);

  /// Nothing is under way: cycles may be skipped.
  bool idle() const;
  void skip(std::uint64_t cycles) { now_ += cycles; }

  std::uint64_t read_beats() const { return read_beats_; }  ///< of 16 bytes
  std::uint64_t write_beats() const { return stored_beats_; }

 private:
  /// Cycles of the memory's clock before the run's first counted one: the start travels through the control registers and the
  /// units are reset (squat_axil_regs 2, squat_run_control 6).
  static constexpr std::uint64_t kLead = 8;
  static constexpr unsigned kResponses = 32;

  struct Burst {
    std::uint64_t ready_at = 0;
    unsigned left = 0;
  };
  struct WriteBeat {
    std::uint64_t since = 0;
    bool last = false;
  };
  struct Reader {
    FixedQueue<Burst, 16> bursts;
    FixedQueue<bool, 8> beats;  ///< is it the last of its burst?
    unsigned moved = 0;         ///< words of the beat being fetched
    bool wants(std::uint64_t now) const { return !bursts.empty() && bursts.front().ready_at <= now && !beats.full(); }
  };

  void retire(const MemorySignals& kernel, bool write_accepted);
  bool in_refresh() const;
  bool writes_go_first() const;
  void move();
  void read();

  backends::DdrParameters ddr_;
  unsigned beat_words_;
  std::array<Reader, kReadPorts> readers_;
  FixedQueue<unsigned, 16> write_bursts_;  ///< beats not yet received
  FixedQueue<WriteBeat, 128> write_beats_;
  unsigned responses_ = 0, first_ = 0;
  std::uint64_t now_ = kLead, free_at_ = 0, batch_before_ = 0;
  bool writing_ = false;
  std::uint64_t read_beats_ = 0, stored_beats_ = 0;
};

}  // namespace squat::estimate
