// SPDX-License-Identifier: Apache-2.0
// A transport whose calls all have a time limit, whatever the driver below does.
#pragma once

#include <functional>
#include <memory>

#include "host/backends/xrt/run_control.hpp"
#include "host/backends/xrt/transport_options.hpp"

namespace squat::backends {

/// Calls `open` and everything of the transport it returns on a thread of their own. Throws what they throw; squat::Error
/// (kDeviceUnavailable) when opening, (kDeviceFailed) when anything else takes longer than call_limits(options.time_limit)
/// allow. Buffers and transports that are given up after such a call are never destroyed: their destructors would wait.
std::unique_ptr<Transport> open_guarded(const std::function<std::unique_ptr<Transport>()>& open,
                                        const TransportOptions& options);

}  // namespace squat::backends
