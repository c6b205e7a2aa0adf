// SPDX-License-Identifier: Apache-2.0
// Opening a device by its name, for the command line and for the library. Errors name options as the command line does.
#pragma once

#include <chrono>
#include <memory>
#include <string>
#include <vector>

#include "host/backends/xrt/transport_options.hpp"
#include "host/engine/accelerator_limits.hpp"
#include "host/engine/device.hpp"

namespace squat::devices {

struct DeviceOptions {
  int threads = 1;                          ///< of cpu, 1..256
  std::string kernel = "auto";              ///< of cpu, see cpu::choose_kernels
  std::string transport = "auto";           ///< of sim: "auto", "xrt" or "direct"
  std::string config;                       ///< configuration of sim and estimate; empty = SQUAT_SIM_CONFIG or sim
  std::string xclbin;                       ///< device program of fpga, or of sim through XRT
  std::vector<unsigned> numbers;            ///< XRT's numbers of the accelerators; empty = 0
  std::chrono::milliseconds time_limit{0};  ///< longest wait for one answer of an accelerator; 0 = by the work it has
  backends::StopFunction stop;              ///< asked while an accelerator works; may be empty
  backends::ProgressFunction progress;      ///< of an accelerator's runs; may be empty
};

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

/// Refuses (usage_error) options of accelerators that none of these devices reads, and returns the options to open them with:
/// one process reaches either a board or the emulation through XRT, so beside fpga sim runs without it.
DeviceOptions options_for(DeviceOptions options, const std::vector<std::string>& names);

/// The names of devices that compute and whose parts are in this build or installed beside it: cpu, ref, perhaps sim and fpga.
std::vector<std::string> available_devices();

/// Opens cpu, ref, sim, fpga, estimate or arm-model for a model, which must outlive the device: one for each of
/// options.numbers, one of those names that have no numbers. Throws an Error (device unavailable) that says what is missing and
/// how to get it, and a usage_error for a name that is none of these.
std::vector<OpenDevice> open_devices(const std::string& name, const model::IntegerModel& m, const DeviceOptions& options);

}  // namespace squat::devices
