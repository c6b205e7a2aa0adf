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
  explicit HalDevice(unsigned index) : device(index) {}
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

/// The same for a call that the library may let fail.
template <class F>
int guarded(xclDeviceHandle handle, HalCall call, F&& f) {
  const int refused = before_call(hal(handle).device.index(), call);
  return refused != 0 ? refused : guarded(f);
}

/// -EINVAL, after a message that says which call named which bytes of which buffer.
inline int outside(const char* call, unsigned buffer, std::size_t bytes, std::size_t offset) {
  std::fprintf(stderr, "squat simulation: ERROR: %s: buffer %u does not hold %zu bytes at offset %zu\n", call, buffer, bytes,
               offset);
  return -EINVAL;
}

}  // namespace squat::sim
