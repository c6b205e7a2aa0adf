// SPDX-License-Identifier: Apache-2.0
#include "host/cli/summary.hpp"

#include <algorithm>
#include <iterator>
#include <string>

namespace squat::cli {
namespace {

std::string column_of(const nlohmann::ordered_json& row) {
  const int bits = row["weight_bits"];
  const std::string activations = row["activations"];
  if (bits == 16) return "FP16";
  if (activations != "mixed") return "W" + std::to_string(bits) + "A" + activations;
  const double rho = row["rho"];
  return rho > 0.6 ? "4:8 = 1:3" : rho < 0.4 ? "4:8 = 3:1" : "4:8 = 1:1";
}

}  // namespace

nlohmann::ordered_json summary_of(const nlohmann::ordered_json& results) {
  nlohmann::ordered_json lines = nlohmann::ordered_json::array();
  for (const auto& row : results) {
    const auto same = [&](const nlohmann::ordered_json& line) {
      const char* const keys[] = {"device", "shape", "phase", "source"};
      return std::all_of(std::begin(keys), std::end(keys), [&](const char* key) { return line[key] == row[key]; });
    };
    auto line = std::find_if(lines.begin(), lines.end(), same);
    if (line == lines.end()) {
      lines.push_back({{"device", row["device"]},
                       {"shape", row["shape"]},
                       {"phase", row["phase"]},
                       {"source", row["source"]},
                       {"FP16", nullptr}});
      line = lines.end() - 1;
    }
    (*line)[column_of(row)] = row["ms_per_token"];
  }
  return lines;
}

}  // namespace squat::cli
