// SPDX-License-Identifier: Apache-2.0
// Timing of the simulated DDR memory. Every report of simulated cycles names these values (description()).
#pragma once

#include <cstdint>
#include <string>

namespace squat::backends {

/// All times in kernel clock cycles.
struct DdrParameters {
  unsigned bytes_per_cycle = 64;   ///< shared by all ports, reads and writes together; a multiple of 16
  unsigned latency = 60;           ///< from the accepted read address to the first data of an idle memory
  unsigned refresh_cycles = 105;   ///< no data in this many cycles ...
  unsigned refresh_period = 2340;  ///< ... of every period; 0 = no refresh
  unsigned turnaround = 8;         ///< no data for this long when the bus changes between reading and writing
  /// Beats of a write queue that make the bus turn to writing; fixed, half of the queue. Turning costs two turnarounds whatever
  /// the batch, so small batches would charge a slow stream of writes, such as logits, for most of the bus.
  static constexpr unsigned kWriteBatch = 64;
  /// Cycles after which a waiting write makes the bus turn, however few there are.
  static constexpr unsigned kWriteAge = 1024;

  bool operator==(const DdrParameters& o) const {
    return bytes_per_cycle == o.bytes_per_cycle && latency == o.latency && refresh_cycles == o.refresh_cycles &&
           refresh_period == o.refresh_period && turnaround == o.turnaround;
  }
};

/// The text reports carry under "ddr", for example "64 B/cycle, latency 60, refresh 105/2340, turnaround 8, writes in
/// batches of 64 beats or after 1024".
inline std::string description(const DdrParameters& p) {
  return std::to_string(p.bytes_per_cycle) + " B/cycle, latency " + std::to_string(p.latency) + ", refresh " +
         std::to_string(p.refresh_cycles) + "/" + std::to_string(p.refresh_period) + ", turnaround " +
         std::to_string(p.turnaround) + ", writes in batches of " + std::to_string(DdrParameters::kWriteBatch) +
         " beats or after " + std::to_string(DdrParameters::kWriteAge);
}

}  // namespace squat::backends
