// SPDX-License-Identifier: Apache-2.0
#include "host/backends/xrt/xrt_transport.hpp"

#include <dlfcn.h>

#include <algorithm>
#include <cstdlib>
#include <future>
#include <thread>

#include "host/backends/xrt/progress_meter.hpp"
#include "host/backends/xrt/xclbin_file.hpp"
#include "host/backends/xrt/xrt_buffer.hpp"
#include "host/model/error.hpp"
#include "hw/gen/squat_spec.hpp"

namespace squat::backends {
namespace {

constexpr const char* kKernelName = "squat_kernel";
constexpr std::chrono::milliseconds kSlice{250};
constexpr std::chrono::seconds kAbortLimit{5};

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
  } catch (const std::exception& e) {
    throw Error(ExitCode::kDeviceUnavailable, "XRT: " + what + " failed: " + e.what() + advice());
  }
}

template <class F>
auto device_call(const std::string& what, F&& f) {
  try {
    return f();
  } catch (const std::exception& e) {
    throw Error(ExitCode::kDeviceFailed, "XRT: " + what + " failed: " + e.what());
  }
}

/// The emulation library says why a run failed through this symbol; a board's XRT does not have it.
std::string simulation_error() {
  void* found = ::dlsym(RTLD_DEFAULT, "squat_simulation_error");
  if (found == nullptr) return "";
  const char* text = reinterpret_cast<const char* (*)()>(found)();
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

XrtTransport::XrtTransport(const TransportOptions& options, bool simulated)
    : xrt_(std::make_shared<Handles>()), simulated_(simulated), progress_(options.progress) {
  xrt_->device =
      step("opening device " + std::to_string(options.device_index), [&] { return xrt::device(options.device_index); });
  check_xclbin(options.xclbin);
  const auto uuid = step("loading " + options.xclbin, [&] { return xrt_->device.load_xclbin(options.xclbin); });
  // Exclusive, because the registers behind the arguments are read as well.
  xrt_->kernel = step(std::string("opening kernel ") + kKernelName + " of " + options.xclbin,
                      [&] { return xrt::kernel(xrt_->device, uuid, kKernelName, xrt::kernel::cu_access_mode::exclusive); });
  xrt_->run = step("preparing a run", [&] { return xrt::run(xrt_->kernel); });
}

std::unique_ptr<DeviceBuffer> XrtTransport::allocate(Argument argument, std::size_t bytes) {
  return device_call("allocating " + std::to_string(bytes) + " bytes", [&] {
    const auto group = xrt_->kernel.group_id(static_cast<int>(argument));
    return std::make_unique<XrtBuffer>(xrt_->device, bytes, static_cast<xrt::memory_group>(group));
  });
}

void XrtTransport::set_argument(Argument argument, const DeviceBuffer& buffer) {
  const auto* own = dynamic_cast<const XrtBuffer*>(&buffer);
  if (own == nullptr) throw Error(ExitCode::kInternal, "XRT: a buffer of another device as argument");
  device_call("setting an argument", [&] { xrt_->run.set_arg(static_cast<int>(argument), own->bo()); });
}

void XrtTransport::set_argument(Argument argument, std::uint32_t value) {
  device_call("setting an argument", [&] { xrt_->run.set_arg(static_cast<int>(argument), value); });
}

void XrtTransport::start() {
  if (dead_) throw Error(ExitCode::kDeviceFailed, "the device did not finish an earlier run; open it anew");
  device_call("starting the kernel", [&] { xrt_->run.start(); });
}

ert_cmd_state XrtTransport::wait_slices(std::chrono::milliseconds limit) {
  const auto end = std::chrono::steady_clock::now() + limit;
  ProgressMeter meter(progress_);
  for (;;) {
    const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(end - std::chrono::steady_clock::now());
    if (left.count() <= 0) return ERT_CMD_STATE_TIMEOUT;
    // To XRT, 0 ms means "without limit".
    const ert_cmd_state state = xrt_->run.wait(meter.wanted() ? std::min(left, kSlice) : left);
    if (state != ERT_CMD_STATE_TIMEOUT) return state;
    // The device may also have ended the run with this state.
    if (xrt_->run.state() == ERT_CMD_STATE_TIMEOUT) return state;
    if (meter.wanted()) meter.update(read_register64(*this, spec::kRegCycles));
  }
}

RunState XrtTransport::wait(std::chrono::milliseconds limit) {
  const ert_cmd_state state = device_call("waiting for the kernel", [&] { return wait_slices(limit); });
  if (state == ERT_CMD_STATE_COMPLETED) return RunState::kDone;
  failure_ = "the kernel's run ended as '" + state_name(state) + "'";
  if (state == ERT_CMD_STATE_TIMEOUT) {
    const bool ended_by_device = device_call("reading a run's state", [&] { return xrt_->run.state() == state; });
    failure_ = ended_by_device ? "ended by the device" : "not done after " + std::to_string(limit.count()) + " ms";
    dead_ = true;
    abort_run();
  }
  const std::string reason = simulation_error();
  if (!reason.empty()) failure_ += ": " + reason;
  return state == ERT_CMD_STATE_TIMEOUT ? RunState::kTimeout : RunState::kFailed;
}

void XrtTransport::abort_run() {
  // Aborting waits for the device without limit, so it gets a thread of its own. When the device does not answer, that
  // thread keeps XRT's objects, whose destructors would wait as well, until the process ends.
  auto done = std::make_shared<std::promise<void>>();
  auto finished = done->get_future();
  std::thread([handles = xrt_, done]() mutable {
    try {
      handles->run.abort();
    } catch (const std::exception&) {
      // An abort that is refused changes nothing: the device is given up anyway.
    }
    handles.reset();
    done->set_value();
  }).detach();
  if (finished.wait_for(kAbortLimit) != std::future_status::ready) failure_ += ", and it did not answer the abort";
}

std::uint32_t XrtTransport::read_register(std::uint32_t offset) {
  return device_call("reading a register", [&] { return xrt_->kernel.read_register(offset); });
}

}  // namespace squat::backends
