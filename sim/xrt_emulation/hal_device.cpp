// SPDX-License-Identifier: Apache-2.0
// XRT's HAL C API: devices, contexts, commands, registers.
#include <cstring>

#include "host/model/error.hpp"
#include "sim/xrt_emulation/hal.hpp"

using squat::sim::guarded;
using squat::sim::hal;
using squat::sim::HalDevice;

namespace {

constexpr unsigned short kClockMhz = 300;
HalDevice* last_opened = nullptr;

}  // namespace

extern "C" {

/// Why the last run failed; found by name by host programs that know this library (host/backends/xrt).
const char* squat_simulation_error() { return last_opened != nullptr ? last_opened->device.run_error() : ""; }

unsigned int xclProbe() { return 1; }

xclDeviceHandle xclOpen(unsigned int index, const char*, xclVerbosityLevel) {
  if (index != 0) return nullptr;
  try {
    auto* device = new HalDevice;
    device->core = squat::sim::core_device(device, index);
    last_opened = device;
    return device;
  } catch (const std::exception& e) {
    std::fprintf(stderr, "squat simulation: ERROR: %s\n", e.what());
    return nullptr;
  }
}

void xclClose(xclDeviceHandle handle) {
  if (last_opened == &hal(handle)) last_opened = nullptr;
  delete &hal(handle);
}

int xclGetDeviceInfo2(xclDeviceHandle, xclDeviceInfo2* info) {
  *info = xclDeviceInfo2{};
  std::strncpy(info->mName, "squat:sim:verilated:1", sizeof info->mName - 1);
  info->mDataAlignment = 4096;
  info->mOCLFrequency[0] = kClockMhz;
  info->mNumClocks = 1;
  return 0;
}

int xclLoadXclBin(xclDeviceHandle handle, const axlf* top) {
  return guarded([&] {
    hal(handle).device.load(top);
    squat::sim::register_xclbin(*hal(handle).core, top);
    return 0;
  });
}

int xclOpenContext(xclDeviceHandle, const xuid_t, unsigned int, bool) { return 0; }
int xclCloseContext(xclDeviceHandle, const xuid_t, unsigned int) { return 0; }

int xclExecBuf(xclDeviceHandle handle, xclBufferHandle command) { return hal(handle).device.scheduler().submit(command); }
int xclExecWait(xclDeviceHandle handle, int milliseconds) { return hal(handle).device.scheduler().wait(milliseconds); }

int xclRegRead(xclDeviceHandle handle, std::uint32_t, std::uint32_t offset, std::uint32_t* value) {
  return guarded([&] {
    *value = hal(handle).device.read_register(offset);
    return 0;
  });
}
int xclRegWrite(xclDeviceHandle handle, std::uint32_t, std::uint32_t offset, std::uint32_t value) {
  return guarded([&] {
    hal(handle).device.write_register(offset, value);
    return 0;
  });
}

int xclReClock2(xclDeviceHandle, unsigned short, const unsigned short*) { return -ENOSYS; }
int xclP2pEnable(xclDeviceHandle, bool, bool) { return -ENOSYS; }

}  // extern "C"

// These have C++ linkage in XRT 2.13.
int xclUpdateSchedulerStat(xclDeviceHandle) { return -ENOSYS; }
int xclInternalResetDevice(xclDeviceHandle, xclResetKind) { return 0; }
int xclCmaEnable(xclDeviceHandle, bool, std::uint64_t) { return -ENOSYS; }
