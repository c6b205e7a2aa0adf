// SPDX-License-Identifier: Apache-2.0
// Where the beats of a simulated kernel come from and go to.
#pragma once

#include <cstdint>

#include "sim/axi_signals.hpp"

namespace squat::sim {

class DeviceMemory {
 public:
  virtual ~DeviceMemory() = default;
  /// Whether a burst over [address, address + bytes) may be attempted; false is answered with DECERR.
  virtual bool contains(std::uint64_t address, std::uint64_t bytes) const = 0;
  /// One aligned beat; the AXI response. `data` keeps its value when the response is an error.
  virtual std::uint8_t read(std::uint64_t address, Beat& data) = 0;
  /// Byte i is written when bit i of `strobes` is set.
  virtual std::uint8_t write(std::uint64_t address, const Beat& data, std::uint16_t strobes) = 0;
};

}  // namespace squat::sim
