// SPDX-License-Identifier: Apache-2.0
#include "host/evaluate/table_columns.hpp"

#include <cmath>

namespace squat::evaluate {
namespace {

template <typename Json>
const TableColumn* find_column(const Json& row) {
  const TableColumn* found = nullptr;
  double nearest = 0.2;  // shares further from every column than this are another setting
  for (const TableColumn& column : kTableColumns) {
    if (row.at("weight_bits") != column.weight_bits || row.at("activations") != column.activations) continue;
    if (row.at("activations") != "mixed") return &column;
    const double distance = std::abs(row.at("rho").template get<double>() - column.rho);
    if (distance < nearest) {
      nearest = distance;
      found = &column;
    }
  }
  return found;
}

}  // namespace

const TableColumn* column_of(const nlohmann::json& row) { return find_column(row); }
const TableColumn* column_of(const nlohmann::ordered_json& row) { return find_column(row); }

}  // namespace squat::evaluate
