// SPDX-License-Identifier: Apache-2.0
#include "host/backends/xrt/run_control.hpp"

#include <algorithm>
#include <cinttypes>
#include <cstdio>
#include <string>

#include "host/model/error.hpp"
#include "hw/gen/squat_spec.hpp"

namespace squat::backends {

std::chrono::milliseconds time_limit(const Transport& transport, std::uint64_t expected_cycles) {
  // The estimate may be off, and a simulation shares the machine with others: ten times, and never less than seconds.
  if (transport.simulated()) return std::chrono::seconds(60) + std::chrono::milliseconds(expected_cycles / 20);
  return std::chrono::seconds(5) + std::chrono::milliseconds(expected_cycles / 10000);
}

CallLimits call_limits(std::chrono::milliseconds longest) {
  CallLimits limits;
  limits.longest = longest;
  if (longest.count() == 0) return limits;
  limits.open = std::min(limits.open, longest);
  limits.answer = std::min(limits.answer, longest);
  limits.abort = std::min(limits.abort, longest);
  limits.around = std::min(limits.around, longest / 2);
  return limits;
}

std::chrono::milliseconds CallLimits::copy(std::size_t bytes) const {
  const std::chrono::milliseconds own = answer + std::chrono::milliseconds(bytes / 20000);
  return longest.count() == 0 ? own : std::min(own, longest);
}

void run_to_end(Transport& transport, std::uint64_t expected_cycles) {
  transport.start();
  const RunState state = transport.wait(time_limit(transport, expected_cycles));
  if (state == RunState::kDone) return;
  if (state != RunState::kFailed) transport.abort();
  throw Error(ExitCode::kDeviceFailed,
              "device (" + transport.name() + "): the run " +
                  (state == RunState::kTimeout ? "did not end in time and was aborted: " : "failed: ") + transport.failure());
}

void check_identity(Transport& transport) {
  char text[240];
  const std::uint32_t id = transport.read_register(spec::kRegId);
  if (id != spec::kId) {
    std::snprintf(text, sizeof text,
                  "device (%s): its id register reads 0x%08x, expected 0x%08x: the loaded kernel is not a Squat accelerator; "
                  "check the xclbin",
                  transport.name().c_str(), id, spec::kId);
    throw Error(ExitCode::kDeviceUnavailable, text);
  }
  const std::uint64_t hash = read_register64(transport, spec::kRegSpecHash);
  if (hash == spec::kSpecHash) return;
  std::snprintf(text, sizeof text,
                "device (%s): the kernel was built from hw/spec %016" PRIx64 ", this program from %016" PRIx64
                ": rebuild the older of the two",
                transport.name().c_str(), hash, spec::kSpecHash);
  throw Error(ExitCode::kDeviceUnavailable, text);
}

}  // namespace squat::backends
