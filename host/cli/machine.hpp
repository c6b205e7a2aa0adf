// SPDX-License-Identifier: Apache-2.0
// What squat doctor asks of the machine: processor, memory, cards and boards, permissions. Each function only reads; each is
// run as a probe.
#pragma once

#include <filesystem>
#include <functional>
#include <vector>

#include "host/cli/probe.hpp"

namespace squat::cli {

/// Where the machine's files lie, so that tests can show another machine.
struct Machine {
  std::filesystem::path root = "/";
  /// May this user read and write the file?
  std::function<bool(const std::filesystem::path&)> usable;

  Machine();
  std::filesystem::path file(const std::filesystem::path& absolute) const { return root / absolute.relative_path(); }
};

/// The instruction sets that the CPU device's kernels can use, as the kernel of the operating system lists them.
std::vector<Check> processor_checks(const Machine& machine);
std::vector<Check> memory_checks(const Machine& machine);

/// One row per AMD/Xilinx PCI function (its driver) or per Zynq board, and what to do when the driver is missing.
std::vector<Check> board_checks(const Machine& machine);

/// One row per render node of XRT's drivers (xocl on cards, zocl on boards): may this user open it, and if not, which group
/// may.
std::vector<Check> permission_checks(const Machine& machine);

/// On a Kria: the application package that dfx-mgr loads.
std::vector<Check> application_checks(const Machine& machine);

}  // namespace squat::cli
