// SPDX-License-Identifier: Apache-2.0
#include "host/cli/speedup.hpp"

#include <algorithm>
#include <iterator>
#include <string>

#include "host/evaluate/table_columns.hpp"

namespace squat::cli {
namespace {

using Json = nlohmann::ordered_json;

bool comparable(const Json& a, const Json& b) {
  const char* const keys[] = {"device", "config", "shape", "phase", "tokens", "context", "source"};
  return std::all_of(std::begin(keys), std::end(keys), [&](const char* key) {
    return a.contains(key) == b.contains(key) && (!a.contains(key) || a[key] == b[key]);
  });
}

Json speedup(const Json& rows, const Json& row, const std::string& baseline) {
  for (const Json& other : rows) {
    const evaluate::TableColumn* column = evaluate::column_of(other);
    if (column == nullptr || column->name != baseline || !comparable(row, other)) continue;
    const double ms = row["ms_per_token"].get<double>();
    return ms > 0 ? Json(other["ms_per_token"].get<double>() / ms) : Json();
  }
  return Json();
}

}  // namespace

void add_speedups(Json& rows) {
  for (Json& row : rows) {
    row["speedup_fp16"] = speedup(rows, row, "FP16");
    row["speedup_w8a8"] = speedup(rows, row, "W8A8");
  }
}

}  // namespace squat::cli
