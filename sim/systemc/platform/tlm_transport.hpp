// SPDX-License-Identifier: Apache-2.0
// The driver's way to the accelerator on the example platform: TLM-2.0 transactions of the processor.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "host/backends/xrt/argument_map.hpp"
#include "host/backends/xrt/transport.hpp"
#include "hw/gen/squat_spec.hpp"
#include "sim/systemc/platform/processor.hpp"

namespace squat::sim {

class TlmBuffer final : public backends::DeviceBuffer {
 public:
  TlmBuffer(PlatformProcessor& processor, std::uint64_t address, std::size_t bytes)
      : processor_(processor), address_(address), host_(bytes) {}
  ~TlmBuffer() override { processor_.bank().release(address_); }

  std::uint8_t* host() override { return host_.data(); }
  std::size_t size() const override { return host_.size(); }
  std::uint64_t address() const override { return address_; }
  void to_device(std::size_t offset, std::size_t bytes) override { copy(tlm::TLM_WRITE_COMMAND, offset, bytes); }
  void from_device(std::size_t offset, std::size_t bytes) override { copy(tlm::TLM_READ_COMMAND, offset, bytes); }

 private:
  void copy(tlm::tlm_command command, std::size_t offset, std::size_t bytes) {
    backends::check_range(*this, offset, bytes);
    processor_.copy(command, address_ + offset, host_.data() + offset, bytes);
  }

  PlatformProcessor& processor_;
  std::uint64_t address_;
  std::vector<std::uint8_t> host_;
};

/// Waits for the interrupt; the limit is wall time, as everywhere in the driver.
class TlmTransport final : public backends::Transport {
 public:
  explicit TlmTransport(PlatformProcessor& processor) : processor_(processor) {}

  std::string name() const override { return "systemc"; }
  bool simulated() const override { return true; }

  std::unique_ptr<backends::DeviceBuffer> allocate(backends::Argument, std::size_t bytes) override {
    const auto address = processor_.bank().allocate(bytes);
    if (!address) throw Error(ExitCode::kDeviceFailed, "platform memory: no room for " + std::to_string(bytes) + " bytes");
    return std::make_unique<TlmBuffer>(processor_, *address, bytes);
  }

  void set_argument(backends::Argument argument, const backends::DeviceBuffer& buffer) override {
    const std::uint32_t offset = backends::register_of(argument);
    processor_.write_register(offset, static_cast<std::uint32_t>(buffer.address()));
    processor_.write_register(offset + 4, static_cast<std::uint32_t>(buffer.address() >> 32));
  }
  void set_argument(backends::Argument argument, std::uint32_t value) override {
    processor_.write_register(backends::register_of(argument), value);
  }

  void start() override {
    if (timed_out_)
      throw Error(ExitCode::kDeviceFailed, "the platform's accelerator did not finish an earlier run; start anew");
    processor_.write_register(spec::kRegApCtrl, 1);
  }

  backends::RunState wait(std::chrono::milliseconds limit) override {
    const auto end = std::chrono::steady_clock::now() + limit;
    const sc_core::sc_time look(100, sc_core::SC_US);  // between two looks at the clock on the wall
    while (!processor_.interrupt.read()) {
      sc_core::wait(look, processor_.interrupt.posedge_event());
      if (!processor_.interrupt.read() && std::chrono::steady_clock::now() >= end) {
        timed_out_ = true;
        failure_ = "no interrupt within " + std::to_string(limit.count()) + " ms";
        return backends::RunState::kTimeout;
      }
    }
    processor_.write_register(spec::kRegIsr, 1);
    return backends::RunState::kDone;
  }

  std::string failure() const override { return failure_; }
  std::uint32_t read_register(std::uint32_t offset) override { return processor_.read_register(offset); }

 private:
  PlatformProcessor& processor_;
  std::string failure_;
  bool timed_out_ = false;
};

}  // namespace squat::sim
