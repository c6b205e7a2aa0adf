// SPDX-License-Identifier: Apache-2.0
#include "host/cli/table_columns.hpp"

#include <cmath>

namespace squat::cli {

const TableColumn* column_of(const nlohmann::ordered_json& row) {
  const TableColumn* found = nullptr;
  double nearest = 0.2;  // shares further from every column than this are another setting
  for (const TableColumn& column : kTableColumns) {
    if (row.at("weight_bits") != column.weight_bits || row.at("activations") != column.activations) continue;
    if (row.at("activations") != "mixed") return &column;
    const double distance = std::abs(row.at("rho").get<double>() - column.rho);
    if (distance < nearest) {
      nearest = distance;
      found = &column;
    }
  }
  return found;
}

}  // namespace squat::cli
