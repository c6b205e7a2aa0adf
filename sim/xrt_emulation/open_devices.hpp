// SPDX-License-Identifier: Apache-2.0
// The devices that are open, and what was still alive in those that were closed.
#pragma once

#include "sim/xrt_emulation/hal.hpp"

namespace squat::sim {

/// With SQUAT_SIM_REPORT=FILE in the environment, every closed device appends a line "device N closed: B buffers, C contexts
/// alive; S s in the device" to FILE, and one that is open at the end of the process "device N left open: ...". B and C are
/// 0 in a host program that frees what it takes; S is the wall time of simulation.
void note_opened(HalDevice& device);
void note_closed(HalDevice& device);

/// The device of that number opened last, nullptr when it is not open.
HalDevice* open_device(unsigned index);

/// Whether a command packet asks to abort another one.
bool is_abort(HalDevice& device, unsigned command);

}  // namespace squat::sim
