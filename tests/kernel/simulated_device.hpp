// SPDX-License-Identifier: Apache-2.0
// The Verilated accelerator as a Device inside the test process.
#pragma once

#include <memory>

#include "host/backends/accelerator/transport_link.hpp"
#include "host/engine/accelerator_device.hpp"
#include "sim/direct_transport.hpp"

namespace squat::test {

inline std::unique_ptr<engine::AcceleratorDevice> simulated_device(const model::IntegerModel& m,
                                                                   backends::SimulationOptions simulation = {}) {
  backends::TransportOptions options;
  options.simulation = simulation;
  return std::make_unique<engine::AcceleratorDevice>(
      m, std::make_unique<backends::TransportLink>(sim::open_direct_transport(options)), "sim");
}

}  // namespace squat::test
