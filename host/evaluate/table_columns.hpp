// SPDX-License-Identifier: Apache-2.0
// The columns of the paper's Table IV (arXiv 2402.10787 v2): what compare runs, and where a row belongs.
#pragma once

#include <array>
#include <nlohmann/json.hpp>

namespace squat::evaluate {

struct TableColumn {
  const char* name;
  const char* short_name;  ///< for narrow tables
  int weight_bits;
  const char* activations;
  double rho;  ///< share of 8-bit tokens; of no meaning in FP16
};

/// "4:8 = 1:3" is one 4-bit token to three 8-bit ones.
constexpr std::array<TableColumn, 7> kTableColumns = {{{"FP16", "FP16", 16, "16", 1.0},
                                                       {"W8A8", "W8A8", 8, "8", 1.0},
                                                       {"W4A8", "W4A8", 4, "8", 1.0},
                                                       {"4:8 = 1:3", "1:3", 4, "mixed", 0.75},
                                                       {"4:8 = 1:1", "1:1", 4, "mixed", 0.5},
                                                       {"4:8 = 3:1", "3:1", 4, "mixed", 0.25},
                                                       {"W4A4", "W4A4", 4, "4", 0.0}}};

/// The column of a row with "weight_bits", "activations" and "rho" (mixed: the nearest share); nullptr when it has none.
const TableColumn* column_of(const nlohmann::json& row);
const TableColumn* column_of(const nlohmann::ordered_json& row);

}  // namespace squat::evaluate
