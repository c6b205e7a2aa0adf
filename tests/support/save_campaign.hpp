// SPDX-License-Identifier: Apache-2.0
// Faults in each system call of something that is saved: afterwards a reader must find the state before or the state after,
// whole.
#pragma once

#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include "tests/support/fault_tally.hpp"
#include "tests/support/system_call_faults.hpp"

namespace squat::test {

struct SaveCampaign {
  std::string name;
  /// Puts the state before into an empty directory.
  std::function<void(const std::filesystem::path&)> prepare;
  /// What is disturbed, in a child process.
  std::function<void(const std::filesystem::path&)> save;
  /// Everything that counts of what a reader finds there, in bytes. May change the directory.
  std::function<std::string(const std::filesystem::path&)> observe;
};

struct CampaignResult {
  std::vector<FaultTally> tallies;  ///< one per fault
  std::vector<std::string> silent;  ///< each of the silent ones: call, fault, what happened
  std::size_t calls = 0;            ///< of an undisturbed save
};

/// Every fault in every `step`-th file system call of the save. A fault is
///   detected: the process died of it, or ended with exit code 3 and a message; the reader finds the state before or after;
///   masked:   the process ended well, and the reader finds the state after;
///   silent:   anything else.
/// Prints the tallies.
CampaignResult run_campaign(const SaveCampaign& campaign, std::size_t step = 1);

}  // namespace squat::test
