// SPDX-License-Identifier: Apache-2.0
// The transport over the XRT native C++ API; the same code for a board and for the emulation library.
#pragma once

#include <memory>
#include <string>

#include "host/backends/xrt/kernel_discovery.hpp"
#include "host/backends/xrt/transport_options.hpp"
#include "host/backends/xrt/xrt_headers.hpp"

namespace squat::backends {

/// Calls may hang with the driver below them; GuardedTransport sees to that.
class XrtTransport final : public Transport {
 public:
  /// Throws squat::Error (kDeviceUnavailable) naming the step of opening that failed.
  XrtTransport(const TransportOptions& options, bool simulated);

  std::string name() const override { return "xrt"; }
  bool simulated() const override { return simulated_; }
  int bank(Argument argument) const override;
  std::unique_ptr<DeviceBuffer> allocate(Argument argument, std::size_t bytes) override;
  void set_argument(Argument argument, const DeviceBuffer& buffer) override;
  void set_argument(Argument argument, std::uint32_t value) override;
  void start() override;
  RunState wait(std::chrono::milliseconds limit) override;
  void abort() override;
  std::string failure() const override { return failure_; }
  std::uint32_t read_register(std::uint32_t offset) override;

 private:
  ert_cmd_state wait_slices(std::chrono::milliseconds limit);
  int index(Argument argument) const;
  [[noreturn]] void fail(const std::string& what, const std::string& reason) const;
  template <class F>
  auto device_call(const std::string& what, F&& f);

  xrt::device device_;
#ifdef SQUAT_XRT_HW_CONTEXT
  xrt::hw_context context_;
#endif
  DiscoveredKernel discovered_;
  xrt::kernel kernel_;
  xrt::run run_;
  unsigned device_index_;
  bool simulated_;
  bool running_ = false;
  bool dead_ = false;
  bool stopped_ = false;
  ProgressFunction progress_;
  StopFunction stop_;
  std::string failure_;
};

}  // namespace squat::backends
