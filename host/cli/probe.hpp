// SPDX-License-Identifier: Apache-2.0
// One finding of squat doctor, taken in a process of its own: what is probed (drivers, vendor libraries, devices) may hang or
// crash, and doctor must say so instead of doing the same.
#pragma once

#include <chrono>
#include <functional>
#include <string>
#include <vector>

namespace squat::cli {

struct Check {
  std::string name;
  std::string status;  ///< "ok", "absent" (optional and not here) or "problem"
  std::string found;
  std::string fix;  ///< empty when ok
};

/// The findings of `probe`, or a problem named `name` when it takes longer than `limit` (it is killed then), ends on a signal
/// or throws. Returns within `limit` and at most a second more. The calling process must have one thread. What the probe
/// changes in memory or the environment is gone afterwards, and what it prints on standard output is dropped.
std::vector<Check> run_probe(const std::string& name, std::chrono::milliseconds limit,
                             const std::function<std::vector<Check>()>& probe);

}  // namespace squat::cli
