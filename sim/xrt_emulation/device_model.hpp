// SPDX-License-Identifier: Apache-2.0
// What stands behind XRT's calls: memory and compute units of one device. Simulated RTL (rtl_device.cpp) or a script
// (sim/fake_device).
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>

#include "sim/kernel_model.hpp"
#include "sim/xrt_emulation/xclbin_view.hpp"

namespace squat::sim {

/// Units are numbered as XRT numbers compute units, by ascending base address. One call at a time.
class DeviceModel {
 public:
  virtual ~DeviceModel() = default;

  /// Device memory, contiguous; nullptr when the range does not lie inside one bank.
  virtual std::byte* find(std::uint64_t address, std::uint64_t bytes) = 0;

  /// One access of a unit's control registers. Throws squat::Error when it does not answer.
  virtual std::uint32_t read_register(unsigned unit, std::uint32_t offset) = 0;
  virtual void write_register(unsigned unit, std::uint32_t offset, std::uint32_t value) = 0;

  /// start() and the first advance() are so short that the call that submits the run may do them.
  virtual bool runs_at_once() const { return false; }

  /// Starts a run with the arguments written before.
  virtual void start(unsigned unit) = 0;
  /// Lets the unit work for a short while and says how its run stands.
  virtual RunProgress advance(unsigned unit) = 0;
  /// Gives up the current run.
  virtual void abandon(unsigned unit) = 0;
  /// After kFailed and kLimit: why.
  virtual std::string error(unsigned unit) = 0;
};

/// The device of this library behind a device program. Throws squat::Error when it cannot be what `view` describes.
std::unique_ptr<DeviceModel> make_device_model(const XclbinView& view, unsigned device);

}  // namespace squat::sim
