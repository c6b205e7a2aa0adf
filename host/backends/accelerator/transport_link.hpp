// SPDX-License-Identifier: Apache-2.0
// The driver: allocates the kernel's buffers on a transport, starts it, and turns its status into errors.
#pragma once

#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "host/backends/xrt/transport.hpp"
#include "host/engine/kernel_link.hpp"
#include "host/engine/memory_check.hpp"

namespace squat::backends {

using OpenTransport = std::function<std::unique_ptr<Transport>()>;

class TransportLink : public engine::KernelLink {
 public:
  /// Throws squat::Error (kDeviceUnavailable) when the kernel's capabilities are none this program can drive. run_limit: the
  /// longest wait for one run; 0: time_limit() of run_control.hpp.
  explicit TransportLink(std::unique_ptr<Transport> transport,
                         std::chrono::milliseconds run_limit = std::chrono::milliseconds(0));
  /// The same, and it can be opened anew.
  TransportLink(OpenTransport open, std::chrono::milliseconds run_limit);

  std::string name() const override { return transport_->name(); }
  engine::AcceleratorLimits limits() const override { return limits_; }
  std::string cycle_source() const override { return transport_->simulated() ? "rtl-simulated" : "measured"; }
  void prepare(const engine::BufferSizes& sizes, const WriteWeights& write) override;
  bool reopen() override;
  const std::uint8_t* read_cache(engine::ByteRange range) override;
  std::uint8_t* io() override { return io_->host(); }
  void expect_run() override { transport_->expect_run(); }
  void run(const engine::KernelStart& start) override;

 private:
  void upload_weights(DeviceBuffer& buffer);
  RunOutcome run_within_limit(const engine::KernelStart& start, std::size_t command_bytes, std::size_t status_offset);
  engine::StatusBlock report_of_registers(engine::StatusBlock status);

  OpenTransport open_;                    ///< empty: cannot be opened anew
  std::unique_ptr<Transport> transport_;  // before the buffers, so that they go first
  std::chrono::milliseconds run_limit_;
  engine::AcceleratorLimits limits_;
  engine::MemoryCheck check_;
  std::unique_ptr<DeviceBuffer> commands_, kv_, io_;
  std::map<int, std::unique_ptr<DeviceBuffer>> weights_;  ///< one copy per bank that a read port is connected to
};

}  // namespace squat::backends
