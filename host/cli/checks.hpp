// SPDX-License-Identifier: Apache-2.0
// The single findings of squat doctor.
#pragma once

#include <string>
#include <vector>

namespace squat::cli {

struct Check {
  std::string name;
  std::string status;  ///< "ok", "absent" (optional and not here) or "problem"
  std::string found;
  std::string fix;  ///< empty when ok
};

std::vector<Check> run_checks();

}  // namespace squat::cli
