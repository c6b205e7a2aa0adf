// SPDX-License-Identifier: Apache-2.0
// The simulated kernel inside this process, without XRT.
#pragma once

#include <memory>

#include "host/backends/xrt/transport_options.hpp"

namespace squat::sim {

/// Memory of the simulated device, the same as in bitstreams/sim.
constexpr std::uint64_t kDirectMemoryBase = 0x800000000ULL, kDirectMemoryBytes = 2ULL << 30;

/// A transport around the kernel of this build (make_kernel_core). Uses options.simulation and options.progress.
std::unique_ptr<backends::Transport> open_direct_transport(const backends::TransportOptions& options);

}  // namespace squat::sim
