// SPDX-License-Identifier: Apache-2.0
#include "host/cli/times.hpp"

#include <algorithm>
#include <cmath>

namespace squat::cli {

void add_times(nlohmann::ordered_json& row, std::vector<double> milliseconds, int tokens, const std::string& source) {
  std::sort(milliseconds.begin(), milliseconds.end());
  const auto count = static_cast<double>(milliseconds.size());
  double mean = 0, variance = 0;
  for (const double ms : milliseconds) mean += ms / count;
  for (const double ms : milliseconds) variance += (ms - mean) * (ms - mean) / (count - 1);
  row["ms_per_token"] = milliseconds[milliseconds.size() / 2] / tokens;
  row["source"] = source;
  row["ms_per_token_min"] = milliseconds.front() / tokens;
  row["ms_per_token_mean"] = mean / tokens;
  row["ms_per_token_sd"] = std::sqrt(variance) / tokens;
  row["runs"] = milliseconds.size();
}

}  // namespace squat::cli
