// SPDX-License-Identifier: Apache-2.0
// Starting runs with a time limit, and the check that host program and kernel belong together.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>

#include "host/backends/xrt/transport.hpp"

namespace squat::backends {

/// How long a run of about `expected_cycles` may take before it counts as hung. A simulator does between 20 thousand cycles
/// a second (sanitizers, waveforms, a loaded machine) and a few million; a board at least 100 million.
std::chrono::milliseconds time_limit(const Transport& transport, std::uint64_t expected_cycles);

/// How long the calls around runs may take. A driver that needs longer does not work.
struct CallLimits {
  std::chrono::milliseconds open{60000};    ///< opening a device and loading its program
  std::chrono::milliseconds answer{10000};  ///< a register, an allocation, giving back; copies at 20 MB/s come on top
  std::chrono::milliseconds abort{800};     ///< ending a run that hangs; after that the device is left behind
  std::chrono::milliseconds around{10000};  ///< everything of a run besides waiting for its end
  std::chrono::milliseconds longest{0};     ///< of any call; 0: as above

  std::chrono::milliseconds copy(std::size_t bytes) const;
};

/// The limits above, none of them longer than `longest` unless that is 0.
CallLimits call_limits(std::chrono::milliseconds longest);

/// Starts a run and waits for its end. Throws squat::Error (kDeviceFailed) naming the transport and the reason when the run
/// fails or does not end in time. What the kernel's own status register says is left to the caller.
void run_to_end(Transport& transport, std::uint64_t expected_cycles);

/// Throws squat::Error (kDeviceUnavailable) when the device's id or spec hash is not this program's.
void check_identity(Transport& transport);

}  // namespace squat::backends
