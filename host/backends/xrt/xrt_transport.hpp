// SPDX-License-Identifier: Apache-2.0
// The transport over the XRT native C++ API; the same code for a board and for the emulation library.
#pragma once

#include <xrt/xrt_device.h>
#include <xrt/xrt_kernel.h>

#include <memory>
#include <string>

#include "host/backends/xrt/transport_options.hpp"

namespace squat::backends {

class XrtTransport final : public Transport {
 public:
  /// Throws squat::Error (kDeviceUnavailable) naming the step of opening that failed.
  XrtTransport(const TransportOptions& options, bool simulated);

  std::string name() const override { return "xrt"; }
  bool simulated() const override { return simulated_; }
  std::unique_ptr<DeviceBuffer> allocate(Argument argument, std::size_t bytes) override;
  void set_argument(Argument argument, const DeviceBuffer& buffer) override;
  void set_argument(Argument argument, std::uint32_t value) override;
  void start() override;
  RunState wait(std::chrono::milliseconds limit) override;
  std::string failure() const override { return failure_; }
  std::uint32_t read_register(std::uint32_t offset) override;

 private:
  ert_cmd_state wait_slices(std::chrono::milliseconds limit);
  void abort_run();

  /// Everything of XRT in one place, so that a device that hangs can be left behind as a whole.
  struct Handles {
    xrt::device device;
    xrt::kernel kernel;
    xrt::run run;
  };
  std::shared_ptr<Handles> xrt_;
  bool simulated_;
  bool dead_ = false;
  ProgressFunction progress_;
  std::string failure_;
};

}  // namespace squat::backends
