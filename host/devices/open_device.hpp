// SPDX-License-Identifier: Apache-2.0
// Opening a device by its name, for the command line and for the library. Errors name options as the command line does.
#pragma once

#include <future>
#include <memory>
#include <string>
#include <vector>

#include "host/backends/accelerator/transport_link.hpp"
#include "host/devices/device_options.hpp"
#include "host/engine/accelerator_limits.hpp"
#include "host/engine/device.hpp"

namespace squat::devices {

struct OpenDevice {
  std::unique_ptr<engine::Device> device;
  std::string source;                ///< where its times come from: "measured", "rtl-simulated", "estimated" or "modelled"
  std::string transport;             ///< how an accelerator is reached: "xrt", "direct"; empty otherwise
  std::string ddr;                   ///< the memory model of simulated times; empty otherwise
  std::string config;                ///< the accelerator's configuration; empty otherwise
  engine::AcceleratorLimits limits;  ///< of the accelerator
  int clock_mhz = 0;                 ///< assumed clock of simulated times; 0 otherwise
  unsigned number = 0;               ///< XRT's number of an accelerator
};

/// An accelerator whose opening has begun; empty when there is none.
using Opening = std::future<std::unique_ptr<backends::TransportLink>>;

/// Refuses (usage_error) options of accelerators that none of these devices reads, and returns the options to open them with:
/// one process reaches either a board or the emulation through XRT, so beside fpga sim runs without it.
DeviceOptions options_for(DeviceOptions options, const std::vector<std::string>& names);

/// The names of devices that compute and whose parts are in this build or installed beside it: cpu, ref, perhaps sim and fpga.
std::vector<std::string> available_devices();

/// Begins to open the device that open_devices with the same options opens, so that its model can be read meanwhile. Only the
/// simulated accelerator: a board is left to others until there is a model for it. Whatever stands against opening it,
/// open_devices says.
Opening begin_opening(const std::string& name, const DeviceOptions& options);

/// Opens cpu, ref, sim, fpga, estimate or arm-model for a model, which must outlive the device: one for each of
/// options.numbers, one of those names that have no numbers. Throws an Error (device unavailable) that says what is missing and
/// how to get it, and a usage_error for a name that is none of these. begun: of begin_opening.
std::vector<OpenDevice> open_devices(const std::string& name, const model::IntegerModel& m, const DeviceOptions& options,
                                     Opening begun = {});

}  // namespace squat::devices
