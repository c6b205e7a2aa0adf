// SPDX-License-Identifier: Apache-2.0
// How to open a device.
#pragma once

#include <chrono>
#include <string>
#include <vector>

#include "host/backends/xrt/transport_options.hpp"

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

}  // namespace squat::devices
