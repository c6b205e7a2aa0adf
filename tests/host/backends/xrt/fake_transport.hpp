// SPDX-License-Identifier: Apache-2.0
// A device that says what the test wants to hear.
#pragma once

#include <map>
#include <memory>
#include <string>

#include "host/backends/xrt/transport.hpp"
#include "hw/gen/squat_spec.hpp"

namespace squat::backends {

struct FakeTransport final : Transport {
  std::map<std::uint32_t, std::uint32_t> registers = {
      {spec::kRegId, spec::kId},
      {spec::kRegSpecHash, static_cast<std::uint32_t>(spec::kSpecHash)},
      {spec::kRegSpecHash + 4, static_cast<std::uint32_t>(spec::kSpecHash >> 32)}};
  RunState result = RunState::kDone;
  bool simulation = true;
  std::chrono::milliseconds limit{0};

  std::string name() const override { return "fake"; }
  bool simulated() const override { return simulation; }
  std::unique_ptr<DeviceBuffer> allocate(Argument, std::size_t) override { return nullptr; }
  void set_argument(Argument, const DeviceBuffer&) override {}
  void set_argument(Argument, std::uint32_t) override {}
  void start() override {}
  RunState wait(std::chrono::milliseconds milliseconds) override {
    limit = milliseconds;
    return result;
  }
  std::string failure() const override { return "the reason"; }
  std::uint32_t read_register(std::uint32_t offset) override { return registers[offset]; }
};

}  // namespace squat::backends
