// SPDX-License-Identifier: Apache-2.0
// The load unit: squat_weight_loader, squat_weight_port and the fill levels of the weight ring, in beats.
#pragma once

#include <array>
#include <cstdint>

#include "host/estimate/fixed_queue.hpp"
#include "hw/gen/squat_spec.hpp"

namespace squat::estimate {

inline constexpr unsigned kBanks = 4;

/// One read port: cuts the tiles of one ring bank into bursts and reserves their place in the ring first.
class WeightPort {
 public:
  explicit WeightPort(unsigned beat_words) : beat_words_(beat_words) {}
  bool idle() const { return state_ == State::kIdle; }
  unsigned address() const { return address_; }     ///< beats of the burst on offer, 0 = none
  bool done() const { return done_; }               ///< one pulse per job
  bool ends_job() const { return order_.front(); }  ///< the oldest outstanding burst is its job's last
  /// Takes a job of the given record for ring bank `bank`; only when idle().
  void start(const spec::Record& load, unsigned bank);
  /// free: beats of the bank neither filled nor reserved. Returns the beats reserved in this cycle; moved() says more.
  unsigned update(unsigned free, bool address_taken, bool beat, bool last);
  bool moved() const { return moved_; }

 private:
  enum class State { kIdle, kAddress, kCut, kIssue };
  State state_ = State::kIdle;
  std::uint64_t slice_start() const { return (bank_ + kBanks - turn_) % kBanks * slice_stride_; }

  std::uint64_t unit_ = 0, first_ = 0, stride_ = 0, slice_stride_ = 0;
  unsigned bank_ = 0, wide_ = 0, turn_ = 0;  ///< turn_: tile modulo wide_ + 1
  unsigned beat_words_;                      ///< 16-byte words of a beat
  unsigned range_ = 0, left_ = 0, tiles_ = 0, beats_ = 0, address_ = 0;
  FixedQueue<bool, 8> order_;  ///< outstanding bursts: is it the last of its job?
  bool done_ = false, moved_ = false;
};

class Weights {
 public:
  /// ring_depth: in 16-byte words of a bank, beat_words of them a beat.
  Weights(unsigned ring_depth, unsigned beat_words) : beat_words_(beat_words) { free_.fill(ring_depth / beat_words); }

  /// All ports have issued the last burst of the command before.
  bool ready() const;
  bool done() const;  ///< one pulse per command, all its beats are in the ring
  bool holds(unsigned words) const;
  unsigned address(unsigned bank) const { return ports_[bank].address(); }

  struct Signals {
    const spec::Record* command = nullptr;  ///< accepted in this cycle
    std::array<bool, kBanks> address_taken{}, beat{}, last{};
    unsigned pop = 0;  ///< words the array drops from every bank
  };
  bool update(const Signals& s);
  /// The beat that bank 0 takes, if `last` of a burst, is the last of its command.
  bool ends_command(bool last) const { return last && ports_[0].ends_job(); }

 private:
  unsigned beat_words_;
  std::array<WeightPort, kBanks> ports_{WeightPort(beat_words_), WeightPort(beat_words_), WeightPort(beat_words_),
                                        WeightPort(beat_words_)};
  std::array<unsigned, kBanks> level_{}, free_{}, done_{};
};

}  // namespace squat::estimate
