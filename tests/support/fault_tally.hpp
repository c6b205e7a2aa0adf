// SPDX-License-Identifier: Apache-2.0
// What became of the faults of a campaign. One line of output for each, which scripts/trust.sh collects.
#pragma once

#include <iostream>
#include <string>
#include <utility>

namespace squat::test {

struct FaultTally {
  explicit FaultTally(std::string campaign) : name(std::move(campaign)) {}

  std::string name;
  unsigned detected = 0;  ///< reported: an error, an end that everybody sees
  unsigned masked = 0;    ///< without any influence: everything is as if there had been no fault
  unsigned silent = 0;    ///< neither: a wrong result that nothing told of

  unsigned tried() const { return detected + masked + silent; }
  void print() const {
    std::cout << "campaign: " << name << ": " << tried() << " tried, " << detected << " detected, " << masked << " masked, "
              << silent << " silent" << std::endl;
  }
};

}  // namespace squat::test
