// SPDX-License-Identifier: Apache-2.0
// What the kernel says it is, and whether this program can drive it.
#pragma once

#include "host/backends/xrt/transport.hpp"
#include "host/engine/accelerator_limits.hpp"

namespace squat::backends {

/// Reads the capability registers. Throws squat::Error (kDeviceUnavailable) naming what the kernel reports and what this
/// program drives when they do not fit.
engine::AcceleratorLimits read_capabilities(Transport& transport);

}  // namespace squat::backends
