// SPDX-License-Identifier: Apache-2.0
// Watches one AXI4 port in every cycle; a broken rule is an error of the run.
#pragma once

#include <cstdint>
#include <deque>
#include <string>
#include <utility>

#include "sim/axi_rules.hpp"
#include "sim/axi_signals.hpp"
#include "sim/simulation_log.hpp"

namespace squat::sim {

class AxiChecker {
 public:
  /// Longest burst the loader may issue (docs/develop/accelerator.md); AXI itself would allow 256.
  static constexpr unsigned kMaxBeats = 64;

  /// read_bytes: width of the read data; write data are kBeatBytes wide.
  AxiChecker(std::string port, SimulationLog& log, unsigned read_bytes = kBeatBytes)
      : port_(std::move(port)), log_(&log), read_bytes_(read_bytes) {}

  /// Call once per clock cycle with the settled signals before the rising edge.
  void observe(const AxiPort& now, bool in_reset = false);

  /// Call when the kernel says that it is done.
  void finish_run();

  /// Forgets everything in flight (after a reset).
  void reset();

  /// The last rule broken and how often any was; for tests.
  AxiRule last_broken() const { return last_; }
  unsigned broken() const { return broken_; }

 private:
  void check_read(const AxiPort& now);
  void check_write(const AxiPort& now);
  void check_address(const AxiAddress& a, AxiAddress& held, AxiRule first, unsigned bytes);
  void match_write_data();
  void report(AxiRule rule, const std::string& seen);

  std::string port_;
  SimulationLog* log_;
  unsigned read_bytes_;
  std::uint64_t cycle_ = 0;
  AxiRule last_ = AxiRule::kNone;
  unsigned broken_ = 0;
  // The previous cycle's payload where valid was high and ready low; valid = false otherwise.
  AxiAddress held_ar_, held_aw_;
  AxiReadData held_r_;
  AxiWriteData held_w_;
  AxiWriteResponse held_b_;
  std::deque<unsigned> reads_;         ///< beats still to come of every read burst
  std::deque<unsigned> writes_;        ///< beats of every write burst whose data are not complete
  std::deque<unsigned> early_bursts_;  ///< beats of complete data bursts that came before their address
  unsigned w_beats_ = 0;               ///< beats of the data burst in progress
  unsigned unanswered_ = 0;            ///< write bursts complete in address and data, without response
};

}  // namespace squat::sim
