// SPDX-License-Identifier: Apache-2.0
#include "host/arm_model/cost_table.hpp"

#include <nlohmann/json.hpp>

#include "host/model/error.hpp"
#include "squat_arm_costs.hpp"

namespace squat::arm_model {
namespace {

constexpr std::array<const char*, kOperations> kNames = {
    "gemv4",      "gemv4_four_bit", "gemv8",   "gemm4", "gemm4_four_bit", "gemm8",      "values",   "values_many", "norm",
    "layer_norm", "rope",           "softmax", "silu",  "gelu",           "requantize", "residual", "cache"};

const nlohmann::json& costs() {
  static const nlohmann::json json = nlohmann::json::parse(kCostsJson);
  return json;
}

/// Of one item at one of the measured sizes.
Cost measured(const nlohmann::json& point, const std::string& core) {
  const double items = point.at("items");
  const nlohmann::json& cycles = point.at("cycles").at(core);
  return {point.at("instructions").get<double>() / items, cycles.at(0).get<double>() / items,
          cycles.at(1).get<double>() / items};
}

}  // namespace

CostTable::CostTable(const std::string& kernel, const std::string& core) {
  try {
    const nlohmann::json& operations = costs().at("operations").at(kernel);
    for (std::size_t i = 0; i < kOperations; ++i) {
      const nlohmann::json& points = operations.at(kNames[i]);
      const double n0 = points.at(0).at("n"), n1 = points.at(1).at("n");
      const Cost a = measured(points.at(0), core), b = measured(points.at(1), core);
      const auto line = [&](double Cost::*field) {
        const double slope = (b.*field - a.*field) / (n1 - n0);
        costs_[i].per_size.*field = slope;
        costs_[i].fixed.*field = a.*field - slope * n0;
      };
      line(&Cost::instructions);
      line(&Cost::least_cycles);
      line(&Cost::most_cycles);
    }
  } catch (const nlohmann::json::exception& error) {
    throw Error(ExitCode::kInternal, "host/arm_model/costs.json: kernel " + kernel + ", core " + core + ": " + error.what() +
                                         "; make it anew with scripts/arm_cost.sh");
  }
}

Cost CostTable::of(Operation operation, double items, double sum) const {
  const Linear& line = costs_[static_cast<std::size_t>(operation)];
  const auto at = [&](double Cost::*field) { return line.fixed.*field * items + line.per_size.*field * sum; };
  return {at(&Cost::instructions), at(&Cost::least_cycles), at(&Cost::most_cycles)};
}

std::string cost_tools() {
  std::string text;
  for (const auto& item : costs().at("tools").items()) {
    text += (text.empty() ? "" : "; ") + item.key() + " " + item.value().get<std::string>();
  }
  return text;
}

double counted_pass(const std::string& name) { return costs().at("passes").at(name); }

}  // namespace squat::arm_model
