// SPDX-License-Identifier: Apache-2.0
// Runs of the stand-in kernel over a transport.
#pragma once

#include <cstdint>
#include <cstring>
#include <memory>
#include <vector>

#include "host/backends/xrt/open_transport.hpp"
#include "host/backends/xrt/run_control.hpp"
#include "hw/gen/squat_spec.hpp"
#include "sim/direct_transport.hpp"

namespace squat::sim {

/// cmd_count of the stand-in (tests/sim/rtl/squat_standin.sv).
enum StandinMode : std::uint32_t { kCopy = 1, kSum = 2, kNeverDone = 3, kBreakRule = 4, kWildAddress = 5 };

/// Options that find the stand-in's files instead of the accelerator's.
inline backends::TransportOptions standin_options() {
  backends::TransportOptions options;
  options.root = STANDIN_ROOT;
  options.direct = open_direct_transport;
  return options;
}

/// Buffers of the stand-in with seeded contents, and one run after the other.
class StandinJob {
 public:
  using Argument = backends::Argument;

  StandinJob(backends::Transport& transport, std::uint32_t units) : transport_(transport) {
    image_ = transport.allocate(Argument::kWeights0, std::size_t{units} * 16);
    cmd_ = transport.allocate(Argument::kCmd, 4096);
    io_ = transport.allocate(Argument::kIo, std::size_t{units} * 16);
    std::uint32_t state = 1;
    for (std::size_t i = 0; i < image_->size(); ++i)
      image_->host()[i] = static_cast<std::uint8_t>((state = state * 1664525 + 1013904223) >> 24);
    std::memset(cmd_->host(), 0x21, cmd_->size());
    image_->to_device(0, image_->size());
    cmd_->to_device(0, cmd_->size());
    for (int p = 0; p < 4; ++p)
      transport.set_argument(static_cast<Argument>(static_cast<int>(Argument::kWeights0) + p), *image_);
    transport.set_argument(Argument::kCmd, *cmd_);
    transport.set_argument(Argument::kKv, *cmd_);
    transport.set_argument(Argument::kIo, *io_);
    transport.set_argument(Argument::kKvUnits, 16U);
    transport.set_argument(Argument::kIoUnits, units);
    transport.set_argument(Argument::kProfile, 0U);
    transport.set_argument(Argument::kWatchdog, 0U);
    transport.set_argument(Argument::kWeightsUnits, units);
  }

  void start(StandinMode mode) {
    std::memset(io_->host(), 0, io_->size());
    io_->to_device(0, io_->size());
    transport_.set_argument(Argument::kCmdCount, mode);
    transport_.start();
  }
  backends::RunState run(StandinMode mode, std::chrono::milliseconds limit = std::chrono::seconds(60)) {
    start(mode);
    return transport_.wait(limit);
  }

  std::vector<std::uint8_t> output() {
    io_->from_device(0, io_->size());
    return {io_->host(), io_->host() + io_->size()};
  }
  /// What kCopy writes: every port reads the first quarter of the image, because all four have the same base.
  std::vector<std::uint8_t> expected_copy() const {
    std::vector<std::uint8_t> out;
    for (int p = 0; p < 4; ++p) out.insert(out.end(), image_->host(), image_->host() + image_->size() / 4);
    return out;
  }
  std::uint64_t cycles() { return backends::read_register64(transport_, spec::kRegCycles); }

 private:
  backends::Transport& transport_;

  std::unique_ptr<backends::DeviceBuffer> image_, cmd_, io_;
};

}  // namespace squat::sim
