// SPDX-License-Identifier: Apache-2.0
// Port 0 as its clients share it: squat_axi_reader, squat_axi_writer; the address register of squat_axi_read_guard; bursts.
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>

#include "host/estimate/fixed_queue.hpp"

namespace squat::estimate {

/// Beats of the next burst of a range: at most 64, not across 4 KiB. unit: address in units of 16 bytes; beat_words: of a beat.
inline unsigned burst_beats(std::uint64_t unit, std::uint64_t left, unsigned beat_words = 1) {
  return static_cast<unsigned>(std::min({std::uint64_t{64}, (256 - unit % 256) / beat_words, left}));
}

struct Range {
  std::uint64_t unit = 0;
  unsigned beats = 0;  ///< 0 = no request
};

/// The register a read address passes on its way out.
struct AddressRegister {
  unsigned beats = 0;  ///< 0 = empty
  bool ready(bool memory_ready) const { return beats == 0 || memory_ready; }
  void update(bool memory_ready, unsigned next) {
    if (ready(memory_ready)) beats = next;
  }
};

/// Clients 0 fetch, 1 io; the lower index first.
class Reader {
 public:
  bool takes(const std::array<Range, 2>& requests, unsigned client) const {
    return left_ == 0 && requests[client].beats != 0 && (client == 0 || requests[0].beats == 0);
  }
  unsigned address() const { return left_ != 0 && !order_.full() ? burst_beats(unit_, left_) : 0; }
  /// The client of the beats that come next, 2 when none are due.
  unsigned head() const { return order_.empty() ? 2 : order_.front(); }

  void update(const std::array<Range, 2>& requests, bool address_taken, bool last_beat_taken);
  bool idle() const { return left_ == 0 && order_.empty(); }

 private:
  std::uint64_t unit_ = 0;
  unsigned left_ = 0, owner_ = 0;
  FixedQueue<unsigned, 8> order_;
};

/// Clients 0 profile records, 1 io, 2 logits; the lower index first.
class Writer {
 public:
  static constexpr unsigned kRecords = 0, kIo = 1, kLogits = 2, kClients = 3;
  struct Signals {
    std::array<Range, kClients> requests;
    std::array<bool, kClients> valid{};
    bool address_ready = false, data_ready = false, response = false;  ///< of the memory
  };

  unsigned address() const { return address_; }
  bool data_valid() const { return data_; }
  bool takes_data(unsigned client, bool memory_ready) const {
    return burst_left_ != 0 && burst_owner_ == client && (!data_ || memory_ready);
  }
  /// The client whose request is taken in this cycle, kClients when none.
  unsigned granted(const Signals& s) const;
  /// Every write of the client is acknowledged.
  bool client_idle(unsigned client) const { return client_due_[client] == 0 && !(left_ != 0 && owner_ == client); }
  bool idle() const { return due_.empty() && left_ == 0; }
  /// idle() and nothing in the registers either.
  bool empty() const { return idle() && address_ == 0 && !data_ && burst_left_ == 0; }

  void update(const Signals& s);

 private:
  bool beat_in(const Signals& s) const { return burst_left_ != 0 && s.valid[burst_owner_] && (!data_ || s.data_ready); }
  bool starts(const Signals& s) const {
    return left_ != 0 && (burst_left_ == 0 || (beat_in(s) && burst_left_ == 1)) && (address_ == 0 || s.address_ready) &&
           !due_.full();
  }

  std::uint64_t unit_ = 0;
  unsigned left_ = 0, owner_ = 0;              // range
  unsigned burst_left_ = 0, burst_owner_ = 0;  // burst
  unsigned address_ = 0;                       // address register: beats of its burst
  bool data_ = false;                          // data register
  FixedQueue<unsigned, 16> due_;               // owners of bursts not yet acknowledged
  std::array<unsigned, kClients> client_due_{};
};

}  // namespace squat::estimate
