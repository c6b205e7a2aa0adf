// SPDX-License-Identifier: Apache-2.0
#include "host/report/timeline.hpp"

#include <algorithm>
#include <map>
#include <string>
#include <utility>
#include <vector>

namespace squat::report {
namespace {

using Json = nlohmann::json;
using Key = std::pair<std::string, std::string>;  ///< device, phase

constexpr const char* kUnits[] = {"load", "gemm", "vec", "io"};

/// The commands of the first passes, by device and phase.
std::map<Key, std::vector<const Json*>> first_passes(const Json& commands) {
  std::map<Key, std::vector<const Json*>> passes;
  for (const Json& c : commands) {
    if (c["pass"] == 0) passes[{c["device"].get<std::string>(), c["phase"].get<std::string>()}].push_back(&c);
  }
  return passes;
}

double cycle(const Json& command, const char* key) { return command[key].get<double>(); }

/// Adds `amount`, spread evenly over [begin, end), to bins of `width` cycles.
void spread(std::vector<double>& bins, double width, double begin, double end, double amount) {
  for (std::size_t i = static_cast<std::size_t>(begin / width); i < bins.size(); ++i) {
    const double low = std::max(begin, static_cast<double>(i) * width);
    const double high = std::min(end, static_cast<double>(i + 1) * width);
    if (low >= high) break;
    bins[i] += amount * (high - low) / (end - begin);
  }
}

}  // namespace

Json busy_over_time(const Json& commands, int bins) {
  Json rows = Json::array();
  for (const auto& [key, pass] : first_passes(commands)) {
    double length = 0;
    for (const Json* c : pass) length = std::max(length, cycle(*c, "end"));
    if (length <= 0) continue;
    const double width = length / bins;
    for (const char* unit : kUnits) {
      std::vector<double> busy(static_cast<std::size_t>(bins));
      for (const Json* c : pass) {
        if ((*c)["unit"] != unit || cycle(*c, "busy") <= 0) continue;
        const bool bounded = unit == std::string("load") || unit == std::string("gemm");
        const double begin = cycle(*c, bounded ? "first" : "start");
        const double end = bounded ? cycle(*c, "last") + 1 : cycle(*c, "end");
        if (begin < end) spread(busy, width, begin, end, cycle(*c, "busy"));
      }
      for (std::size_t i = 0; i < busy.size(); ++i) {
        rows.push_back({{"device", key.first},
                        {"phase", key.second},
                        {"unit", unit},
                        {"start", width * static_cast<double>(i)},
                        {"end", width * static_cast<double>(i + 1)},
                        {"busy", std::min(1.0, busy[i] / width)}});
      }
    }
  }
  return rows;
}

Json commands_of_middle_layer(const Json& commands) {
  Json rows = Json::array();
  for (const auto& [key, pass] : first_passes(commands)) {
    int last = 0;
    for (const Json* c : pass) {
      if ((*c)["layer"].is_number()) last = std::max(last, (*c)["layer"].get<int>());
    }
    for (const Json* c : pass) {
      if ((*c)["layer"] != (last + 1) / 2) continue;
      Json row;
      for (const char* field :
           {"device", "phase", "layer", "unit", "role", "head", "start", "end", "weight_stall", "drain_stall"}) {
        row[field] = (*c)[field];
      }
      rows.push_back(std::move(row));
    }
  }
  return rows;
}

}  // namespace squat::report
