// SPDX-License-Identifier: Apache-2.0
// Shared by the files that implement XRT's HAL C API (xrt.h).
#pragma once

#include <xrt.h>

#include <cerrno>
#include <cstdio>
#include <exception>

#include "sim/xrt_emulation/emulated_device.hpp"
#include "sim/xrt_emulation/registration.hpp"

namespace squat::sim {

/// What XRT's device handle points to.
struct HalDevice {
  EmulatedDevice device;
  std::shared_ptr<xrt_core::device> core;
};

inline HalDevice& hal(xclDeviceHandle handle) { return *static_cast<HalDevice*>(handle); }

/// No exception may leave a C function: -EIO and a message instead.
template <class F>
int guarded(F&& f) {
  try {
    return f();
  } catch (const std::exception& e) {
    std::fprintf(stderr, "squat simulation: ERROR: %s\n", e.what());
    return -EIO;
  }
}

}  // namespace squat::sim
