// SPDX-License-Identifier: Apache-2.0
// The driver: allocates the kernel's buffers on a transport, starts it, and turns its status into errors.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "host/backends/xrt/transport.hpp"
#include "host/engine/kernel_link.hpp"
#include "host/engine/memory_check.hpp"

namespace squat::backends {

/// Wall time granted to a run: a floor plus the time the expected cycles take at the slowest acceptable speed.
struct TimeLimits {
  double floor_seconds = 10.0;
  double cycles_per_second = 50e6;  ///< of a board; simulations use far less
};

TimeLimits default_time_limits(bool simulated);

class TransportLink : public engine::KernelLink {
 public:
  explicit TransportLink(std::unique_ptr<Transport> transport);
  TransportLink(std::unique_ptr<Transport> transport, TimeLimits limits);

  std::string name() const override { return transport_->name(); }
  engine::AcceleratorLimits limits() const override { return limits_; }
  std::string cycle_source() const override { return transport_->simulated() ? "rtl-simulated" : "measured"; }
  void prepare(const engine::BufferSizes& sizes, const std::vector<std::uint8_t>& weights) override;
  const std::uint8_t* read_cache(engine::ByteRange range) override;
  std::uint8_t* io() override { return io_->host(); }
  void run(const engine::KernelStart& start) override;

 private:
  std::unique_ptr<Transport> transport_;  // first, so that buffers go before it
  TimeLimits time_;
  engine::AcceleratorLimits limits_;
  engine::MemoryCheck check_;
  std::unique_ptr<DeviceBuffer> commands_, weights_, kv_, io_;
};

}  // namespace squat::backends
