// SPDX-License-Identifier: Apache-2.0
// Opening a device by its name on the command line.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "host/cli/command.hpp"
#include "host/engine/accelerator_limits.hpp"
#include "host/engine/device.hpp"

namespace squat::cli {

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

/// Adds "transport", "config", "accelerator" and "ddr" of a simulated or real accelerator to a result; nothing for other
/// devices.
void add_accelerator(nlohmann::ordered_json& object, const OpenDevice& opened);

/// Refuses (usage_error) accelerator flags that none of these devices reads, and returns the options to open them with: one
/// process reaches either a board or the emulation through XRT, so beside fpga sim runs without it.
CommonOptions options_for(CommonOptions common, const std::vector<std::string>& devices);

/// Opens cpu, ref, sim, fpga, estimate or arm-model for a model, which must outlive the device. Throws an Error (device
/// unavailable) that says what is missing and how to get it, and a usage_error for several --devices.
OpenDevice open_device(const std::string& name, const model::IntegerModel& m, const CommonOptions& common);

/// The same for each of --devices; one device of those names that have no numbers.
std::vector<OpenDevice> open_devices(const std::string& name, const model::IntegerModel& m, const CommonOptions& common);

}  // namespace squat::cli
