// SPDX-License-Identifier: Apache-2.0
// Style, scripts and licences of the report, compiled in from host/report/assets and third_party.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace squat::report {

struct Asset {
  std::string name;  ///< "style.css"
  std::string_view bytes;
};

/// In the order in which scripts run.
const std::vector<Asset>& assets();

}  // namespace squat::report
