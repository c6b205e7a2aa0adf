// SPDX-License-Identifier: Apache-2.0
#include "host/report/quality.hpp"

#include <algorithm>
#include <optional>
#include <string>

#include "host/evaluate/table_columns.hpp"

namespace squat::report {
namespace {

using Json = nlohmann::json;

struct Quality {
  std::string measure;
  double value = 0;
  bool lower_is_better = false;
};

std::string text_of(const Json& object, const char* key) {
  const auto found = object.find(key);
  return found != object.end() && found->is_string() ? found->get<std::string>() : std::string();
}

std::optional<Quality> quality_of(const Json& eval) {
  if (eval.contains("perplexity") && eval["perplexity"].is_number()) {
    const std::string windows = eval.contains("windows") ? ", " + eval["windows"].dump() + " windows" : "";
    return Quality{"perplexity, " + text_of(eval, "text") + windows, eval["perplexity"].get<double>(), true};
  }
  if (eval.contains("accuracy") && eval["accuracy"].is_number()) {
    const std::string on = text_of(eval, "blimp").empty() ? text_of(eval, "task") : text_of(eval, "blimp");
    return Quality{"accuracy" + (on.empty() ? on : ", " + on), eval["accuracy"].get<double>(), false};
  }
  return std::nullopt;
}

/// Floating point stands in the FP16 column; mixed widths are found by the share that they had.
std::string setting_of_eval(const Json& eval) {
  const Json bits = eval.value("weight_bits", Json());
  if (bits == 32 || bits == 16) return "FP16";
  Json row = {{"weight_bits", bits},
              {"activations", eval.value("activations", Json())},
              {"rho", eval.value("eight_bit_share", Json())}};
  return setting_of(row);
}

bool dominates(const Json& a, const Json& b) {
  const bool lower = a["lower_is_better"].get<bool>();
  const double qa = a["quality"].get<double>(), qb = b["quality"].get<double>();
  const double ta = a["ms_per_token"].get<double>(), tb = b["ms_per_token"].get<double>();
  const double better = lower ? qb - qa : qa - qb;
  return better >= 0 && ta <= tb && (better > 0 || ta < tb);
}

}  // namespace

std::string label_of(const Json& row) {
  std::string label = text_of(row, "device");
  if (!text_of(row, "config").empty()) label += " " + text_of(row, "config");
  return label + ", " + text_of(row, "source");
}

std::string setting_of(const Json& row) {
  if (row.value("activations", Json()) == "mixed" && !row.value("rho", Json()).is_number()) return "";
  const evaluate::TableColumn* column = evaluate::column_of(row);
  return column == nullptr ? "" : column->name;
}

Json quality_rows(const Json& compare, const Json& evals) {
  Json rows = Json::array();
  for (const Json& eval : evals) {
    const std::optional<Quality> quality = quality_of(eval);
    const std::string setting = setting_of_eval(eval);
    if (!quality || setting.empty() || !compare.contains("results")) continue;
    for (const Json& row : compare["results"]) {
      if (row["source"] == "published" || setting_of(row) != setting) continue;
      rows.push_back({{"measure", quality->measure},
                      {"quality", quality->value},
                      {"lower_is_better", quality->lower_is_better},
                      {"model", text_of(eval, "model")},
                      {"setting", setting},
                      {"label", label_of(row)},
                      {"phase", row["phase"]},
                      {"ms_per_token", row["ms_per_token"]}});
    }
  }
  for (Json& row : rows) {
    row["front"] = std::none_of(rows.begin(), rows.end(), [&](const Json& other) {
      return other["measure"] == row["measure"] && other["label"] == row["label"] && other["phase"] == row["phase"] &&
             dominates(other, row);
    });
  }
  return rows;
}

}  // namespace squat::report
