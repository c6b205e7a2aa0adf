// SPDX-License-Identifier: Apache-2.0
#include "host/backends/xrt/xrt_transport.hpp"

#include <dlfcn.h>

#include <algorithm>
#include <cstdlib>

#include "host/backends/xrt/progress_meter.hpp"
#include "host/backends/xrt/xrt_buffer.hpp"
#include "host/model/error.hpp"
#include "host/xclbin/reader.hpp"
#include "hw/gen/squat_spec.hpp"

namespace squat::backends {
namespace {

constexpr std::chrono::milliseconds kSlice{50};  ///< between two looks at progress and at whether to stop

/// What a user can do about a device that does not open.
std::string advice() {
  if (std::getenv("XILINX_XRT") == nullptr) {
    return "; set up XRT in this shell (source /opt/xilinx/xrt/setup.sh, or where XRT is installed), or use --device sim";
  }
  return "; squat doctor says what is found here; without a board use --device sim";
}

/// Runs one step of opening a device; what it throws becomes an error that names the step.
template <class F>
auto step(const std::string& what, F&& f) {
  try {
    return f();
  } catch (const Error&) {
    throw;
  } catch (const std::exception& e) {
    throw Error(ExitCode::kDeviceUnavailable, "XRT: " + what + " failed: " + e.what() + advice());
  }
}

/// The emulation library says why a run failed through this symbol; a board's XRT does not have it.
std::string simulation_error(unsigned device) {
  void* found = ::dlsym(RTLD_DEFAULT, "squat_simulation_error_of");
  if (found == nullptr) return "";
  const char* text = reinterpret_cast<const char* (*)(unsigned)>(found)(device);
  return text != nullptr ? text : "";
}

std::string state_name(ert_cmd_state state) {
  switch (state) {
    case ERT_CMD_STATE_ERROR:
      return "error";
    case ERT_CMD_STATE_ABORT:
      return "aborted";
    case ERT_CMD_STATE_TIMEOUT:
      return "time-out";
    case ERT_CMD_STATE_NORESPONSE:
      return "no response";
    default:
      return "state " + std::to_string(static_cast<int>(state));
  }
}

}  // namespace

template <class F>
auto XrtTransport::device_call(const std::string& what, F&& f) {
  try {
    return f();
  } catch (const Error&) {
    throw;
  } catch (const std::exception& e) {
    fail(what, e.what());
  }
}

void XrtTransport::fail(const std::string& what, const std::string& reason) const {
  throw Error(ExitCode::kDeviceFailed, "XRT: device " + std::to_string(device_index_) + ": " + what + " failed: " + reason +
                                           "; squat doctor says whether the device is still there, then try again");
}

XrtTransport::XrtTransport(const TransportOptions& options, bool simulated)
    : device_index_(options.device_index), simulated_(simulated), progress_(options.progress), stop_(options.stop) {
  const std::string number = std::to_string(device_index_);
  device_ = step("opening device " + number, [&] { return xrt::device(device_index_); });
  xclbin::read_container(options.xclbin);  // XRT 2.13 itself reads beyond the end of a file that is too short
  const auto program = step("reading " + options.xclbin, [&] { return xrt::xclbin(options.xclbin); });
  discovered_ = step("looking at the kernels of " + options.xclbin, [&] { return discover_kernel(program, options.xclbin); });
  const std::string loading = "loading " + options.xclbin + " into device " + number;
  const std::string opening = "opening kernel " + discovered_.unit + " of device " + number;
  // Exclusive, because the registers behind the arguments are read as well.
#ifdef SQUAT_XRT_HW_CONTEXT
  const auto uuid = step(loading, [&] { return device_.register_xclbin(program); });
  context_ = step(loading, [&] { return xrt::hw_context(device_, uuid, xrt::hw_context::access_mode::exclusive); });
  kernel_ = step(opening, [&] { return xrt::kernel(context_, discovered_.unit); });
#else
  const auto uuid = step(loading, [&] { return device_.load_xclbin(program); });
  kernel_ = step(opening + " (another program may be using it)",
                 [&] { return xrt::kernel(device_, uuid, discovered_.unit, xrt::kernel::cu_access_mode::exclusive); });
#endif
  run_ = step("preparing a run", [&] { return xrt::run(kernel_); });
}

int XrtTransport::index(Argument argument) const { return discovered_.index[static_cast<std::size_t>(argument)]; }

int XrtTransport::bank(Argument argument) const { return discovered_.bank_index[static_cast<std::size_t>(argument)]; }

std::unique_ptr<DeviceBuffer> XrtTransport::allocate(Argument argument, std::size_t bytes) {
  return device_call("allocating " + std::to_string(bytes) + " bytes in memory bank " + std::to_string(bank(argument)), [&] {
    const auto group = kernel_.group_id(index(argument));
    return std::make_unique<XrtBuffer>(device_, bytes, static_cast<xrt::memory_group>(group));
  });
}

void XrtTransport::set_argument(Argument argument, const DeviceBuffer& buffer) {
  const auto* own = dynamic_cast<const XrtBuffer*>(&buffer);
  if (own == nullptr) throw Error(ExitCode::kInternal, "XRT: a buffer of another device as argument");
  device_call("setting an argument", [&] { run_.set_arg(index(argument), own->bo()); });
}

void XrtTransport::set_argument(Argument argument, std::uint32_t value) {
  device_call("setting an argument", [&] { run_.set_arg(index(argument), value); });
}

void XrtTransport::start() {
  if (dead_) throw Error(ExitCode::kDeviceFailed, "the device did not finish an earlier run; open it anew");
  // XRT would write a packet that the device still reads.
  if (running_) throw Error(ExitCode::kInternal, "a run was started before the end of the one before");
  device_call("starting the kernel", [&] { run_.start(); });
  running_ = true;
}

ert_cmd_state XrtTransport::wait_slices(std::chrono::milliseconds limit) {
  const auto end = std::chrono::steady_clock::now() + limit;
  ProgressMeter meter(progress_);
  for (;;) {
    const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(end - std::chrono::steady_clock::now());
    if (left.count() <= 0) return ERT_CMD_STATE_TIMEOUT;
    // To XRT, 0 ms means "without limit".
    const ert_cmd_state state = run_.wait(std::min(left, kSlice));
    if (state != ERT_CMD_STATE_TIMEOUT) return state;
    // The device may also have ended the run with this state.
    if (run_.state() == ERT_CMD_STATE_TIMEOUT) return state;
    if (stop_ && stop_()) {
      stopped_ = true;
      return ERT_CMD_STATE_TIMEOUT;
    }
    if (meter.due()) meter.update(read_register64(*this, spec::kRegCycles));
  }
}

RunState XrtTransport::wait(std::chrono::milliseconds limit) {
  stopped_ = false;
  const ert_cmd_state state = device_call("waiting for the kernel", [&] { return wait_slices(limit); });
  running_ = false;
  if (state == ERT_CMD_STATE_COMPLETED) return RunState::kDone;
  failure_ = "the kernel's run ended as '" + state_name(state) + "'";
  if (state == ERT_CMD_STATE_TIMEOUT) {
    const bool ended_by_device = device_call("reading a run's state", [&] { return run_.state() == state; });
    failure_ = stopped_          ? "the program was asked to stop"
               : ended_by_device ? "ended by the device"
                                 : "not done after " + std::to_string(limit.count()) + " ms";
    dead_ = true;
  }
  const std::string reason = simulation_error(device_index_);
  if (!reason.empty()) failure_ += ": " + reason;
  if (stopped_) return RunState::kStopped;
  return state == ERT_CMD_STATE_TIMEOUT ? RunState::kTimeout : RunState::kFailed;
}

void XrtTransport::abort() {
  device_call("aborting a run", [&] { run_.abort(); });
}

std::uint32_t XrtTransport::read_register(std::uint32_t offset) {
  return device_call("reading a register", [&] { return kernel_.read_register(offset); });
}

}  // namespace squat::backends
