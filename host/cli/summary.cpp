// SPDX-License-Identifier: Apache-2.0
#include "host/cli/summary.hpp"

#include <algorithm>
#include <cstdio>
#include <functional>
#include <string>
#include <vector>

#include "host/evaluate/table_columns.hpp"

namespace squat::cli {
namespace {

using Json = nlohmann::ordered_json;

Json value_of(const Json& row, const char* key) { return row.contains(key) ? row[key] : Json(); }

/// The line of `lines` that has the row's values of `keys`; a new one when there is none.
Json& line_of(Json& lines, const Json& row, const std::vector<const char*>& keys) {
  for (Json& line : lines) {
    if (std::all_of(keys.begin(), keys.end(), [&](const char* key) { return line[key] == value_of(row, key); })) return line;
  }
  Json line;
  for (const char* key : keys) line[key] = value_of(row, key);
  lines.push_back(std::move(line));
  return lines.back();
}

/// A positive number in at most five characters.
std::string five(double value) {
  char text[32];
  std::snprintf(text, sizeof text, "%.*f", value < 9.9995 ? 3 : value < 99.995 ? 2 : value < 999.95 ? 1 : 0, value);
  if (std::string(text).size() > 5) std::snprintf(text, sizeof text, "%.0e", value);
  return text;
}

using Cell = std::function<Json(const Json& row)>;

/// Adds a table of the phase's rows: the device, `second` and a column for each setting. Tables without a value are left out.
void add_table(Json& tables, const std::string& title, const Json& results, const std::string& phase, const char* second,
               const Cell& cell) {
  Json lines = Json::array();
  bool any = false;
  for (const Json& row : results) {
    const evaluate::TableColumn* column = evaluate::column_of(row);
    if (column == nullptr || row["phase"] != phase) continue;
    Json labelled = row;
    const Json config = value_of(row, "config");
    if (config.is_string()) labelled["device"] = row["device"].get<std::string>() + " " + config.get<std::string>();
    Json& line = line_of(lines, labelled, {"device", second});
    if (!line.contains("FP16")) {
      for (const evaluate::TableColumn& each : evaluate::kTableColumns) line[each.short_name] = nullptr;
    }
    Json text = cell(row);
    any = any || !text.is_null();
    line[column->short_name] = std::move(text);
  }
  if (any) tables[title] = std::move(lines);
}

Cell number(const char* key, double scale) {
  return [key, scale](const Json& row) {
    const Json value = value_of(row, key);
    return value.is_number() ? Json(five(value.get<double>() * scale)) : Json();
  };
}

Json speedup(const Json& row) {
  for (const char* key : {"speedup_fp16", "speedup_w8a8"}) {
    const Json value = value_of(row, key);
    if (!value.is_number()) continue;
    char text[32];
    std::snprintf(text, sizeof text, "%.2f%s", value.get<double>(), key == std::string("speedup_fp16") ? "" : "*");
    return Json(text);
  }
  return Json();
}

Json megabytes(const Json& row) {
  return number(row.contains("moved_bytes_per_token") ? "moved_bytes_per_token" : "bytes_per_token", 1e-6)(row);
}

Json limit(const Json& row) {
  const Json which = value_of(row, "limit"), share = value_of(row, "limit_share");
  if (!which.is_string() || !share.is_number()) return Json();
  char text[32];
  std::snprintf(text, sizeof text, "%c%.0f%%", which.get<std::string>()[0], 100.0 * share.get<double>());
  return Json(text);
}

}  // namespace

Json summary_of(const Json& results) {
  Json lines = Json::array();
  for (const Json& row : results) {
    const evaluate::TableColumn* column = evaluate::column_of(row);
    if (column == nullptr) continue;
    Json& line = line_of(lines, row, {"device", "config", "shape", "phase", "source"});
    if (!line.contains("FP16")) line["FP16"] = nullptr;
    line[column->name] = row["ms_per_token"];
  }
  return lines;
}

Json reading_tables(const Json& results) {
  Json tables = Json::object();
  for (const std::string phase : {"prefill", "decode"}) {
    add_table(tables, phase + ": ms per token", results, phase, "source", number("ms_per_token", 1));
    const bool prompt = phase == "prefill";
    add_table(tables, phase + (prompt ? ": first token after, ms" : ": tokens per second"), results, phase, "source",
              number(prompt ? "first_token_ms" : "tokens_per_second", 1));
    add_table(tables, phase + ": times as fast as the device's FP16 (*: as its W8A8)", results, phase, "source", speedup);
    add_table(tables, phase + ": MB per token (accelerators: moved; others: needed)", results, phase, "source", megabytes);
    add_table(tables, phase + ": limit (memory, compute), share of it reached", results, phase, "source", limit);
  }
  add_table(tables, "published, phase and context not stated: ms per token", results, "not stated", "shape",
            number("ms_per_token", 1));
  return tables;
}

}  // namespace squat::cli
