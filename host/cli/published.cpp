// SPDX-License-Identifier: Apache-2.0
#include "host/cli/published.hpp"

#include "host/evaluate/table_columns.hpp"

namespace squat::cli {
namespace {

struct Line {
  const char* shape;
  const char* device;
  double ms[evaluate::kTableColumns.size()];
};

constexpr Line kLines[4] = {{"llama-58m", "OnePlus 11", {4.54, 3.22, 2.56, 2.39, 2.23, 2.10, 2.02}},
                            {"llama-58m", "Raspberry Pi 5", {15.63, 9.40, 7.50, 7.30, 7.08, 6.89, 6.78}},
                            {"gpt2-97m", "OnePlus 11", {6.22, 4.35, 3.42, 3.06, 3.02, 2.86, 2.75}},
                            {"gpt2-97m", "Raspberry Pi 5", {23.04, 13.75, 12.45, 11.24, 10.98, 10.01, 9.74}}};

}  // namespace

nlohmann::ordered_json published_rows() {
  using Json = nlohmann::ordered_json;
  Json rows = Json::array();
  for (const Line& line : kLines) {
    for (std::size_t i = 0; i < evaluate::kTableColumns.size(); ++i) {
      const evaluate::TableColumn& column = evaluate::kTableColumns[i];
      rows.push_back({{"device", line.device},
                      {"shape", line.shape},
                      {"phase", "not stated"},
                      {"weight_bits", column.weight_bits},
                      {"activations", column.activations},
                      {"rho", column.weight_bits == 16 ? Json() : Json(column.rho)},
                      {"tokens", 128},
                      {"context", nullptr},
                      {"ms_per_token", line.ms[i]},
                      {"source", "published"}});
    }
  }
  return rows;
}

}  // namespace squat::cli
