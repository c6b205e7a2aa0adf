// SPDX-License-Identifier: Apache-2.0
// XRT's HAL C API: devices, contexts, commands, registers.
#include <cstring>

#include "host/model/error.hpp"
#include "sim/xrt_emulation/hal.hpp"
#include "sim/xrt_emulation/open_devices.hpp"
#include "sim/xrt_emulation/xrt_version.hpp"

using squat::sim::guarded;
using squat::sim::hal;
using squat::sim::HalCall;
using squat::sim::HalDevice;

namespace {

constexpr unsigned short kClockMhz = 300;

/// Says once, before anything of this library is used, when it does not belong to the XRT that loaded it.
bool fits() {
  static const bool result = [] {
    const std::string mismatch =
        squat::sim::xrt_mismatch(XRT_COREUTIL_VERSION, squat::sim::library_of(squat::sim::coreutil_symbol()));
    if (!mismatch.empty()) std::fprintf(stderr, "squat simulation: ERROR: %s\n", mismatch.c_str());
    return mismatch.empty();
  }();
  return result;
}

}  // namespace

extern "C" {

/// Why the last run of a device failed; found by name by host programs that know this library (host/backends/xrt).
const char* squat_simulation_error_of(unsigned index) {
  const HalDevice* device = squat::sim::open_device(index);
  return device != nullptr ? device->device.run_error() : "";
}

/// How long the last run of a device took, in nanoseconds; found by name by measurements (tests/sim/driver).
std::int64_t squat_simulation_last_run_of(unsigned index) {
  HalDevice* device = squat::sim::open_device(index);
  return device != nullptr ? device->device.scheduler().last_run().count() : 0;
}

unsigned int xclProbe() { return fits() ? squat::sim::device_count() : 0; }

xclDeviceHandle xclOpen(unsigned int index, const char*, xclVerbosityLevel) {
  if (!fits() || index >= squat::sim::device_count() || squat::sim::before_call(index, HalCall::kOpen) != 0) return nullptr;
  try {
    auto device = std::make_unique<HalDevice>(index);
    device->core = squat::sim::core_device(device.get(), index);
    squat::sim::note_opened(*device);
    return device.release();
  } catch (const std::exception& e) {
    std::fprintf(stderr, "squat simulation: ERROR: %s\n", e.what());
    return nullptr;
  }
}

void xclClose(xclDeviceHandle handle) {
  squat::sim::note_closed(hal(handle));
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
  return guarded(handle, HalCall::kLoad, [&] {
    hal(handle).device.load(top);
    squat::sim::register_xclbin(*hal(handle).core, top);
    return 0;
  });
}

int xclOpenContext(xclDeviceHandle handle, const xuid_t, unsigned int unit, bool shared) {
  return guarded(handle, HalCall::kContext, [&] { return hal(handle).device.open_context(unit, shared); });
}
int xclCloseContext(xclDeviceHandle handle, const xuid_t, unsigned int unit) { return hal(handle).device.close_context(unit); }

int xclExecBuf(xclDeviceHandle handle, xclBufferHandle command) {
  return guarded(handle, squat::sim::is_abort(hal(handle), command) ? HalCall::kAbort : HalCall::kStart,
                 [&] { return hal(handle).device.scheduler().submit(command); });
}
int xclExecWait(xclDeviceHandle handle, int milliseconds) { return hal(handle).device.scheduler().wait(milliseconds); }

int xclRegRead(xclDeviceHandle handle, std::uint32_t unit, std::uint32_t offset, std::uint32_t* value) {
  return guarded(handle, HalCall::kRegister, [&] {
    *value = hal(handle).device.read_register(unit, offset);
    return 0;
  });
}
int xclRegWrite(xclDeviceHandle handle, std::uint32_t unit, std::uint32_t offset, std::uint32_t value) {
  return guarded(handle, HalCall::kRegister, [&] {
    hal(handle).device.write_register(unit, offset, value);
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
