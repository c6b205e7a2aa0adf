// SPDX-License-Identifier: Apache-2.0
#include "host/report/view.hpp"

#include "host/evaluate/table_columns.hpp"
#include "host/model/error.hpp"
#include "host/model/input_file.hpp"
#include "host/model/json_file.hpp"
#include "host/report/quality.hpp"
#include "host/report/timeline.hpp"

namespace squat::report {
namespace {

using Json = nlohmann::json;

constexpr std::uint64_t kMaxBytes = 64u << 20;
constexpr int kBins = 160;

enum class Kind { kText, kNumber, kCount, kNumberOrNull };

struct Field {
  const char* name;
  Kind kind;
};

const char* kind_text(Kind kind) {
  switch (kind) {
    case Kind::kText:
      return "a text";
    case Kind::kNumber:
      return "a number";
    case Kind::kCount:
      return "a number from 0 to 4294967295";
    default:
      return "a number or null";
  }
}

bool is_of(const Json& value, Kind kind) {
  switch (kind) {
    case Kind::kText:
      return value.is_string();
    case Kind::kNumber:
      return value.is_number();
    case Kind::kCount:
      return value.is_number_unsigned() && value.get<std::uint64_t>() <= 0xffffffffU;
    default:
      return value.is_number() || value.is_null();
  }
}

/// Every row of the array `table` is an object with these fields.
void check_rows(const Result& result, const char* table, const std::vector<Field>& fields) {
  const auto bad = [&](const std::string& where, const std::string& expected, const std::string& found) {
    return input_error(result.from + ": " + where + ": expected " + expected + ", found " + found +
                       "; give a file that squat wrote with --format json");
  };
  const auto rows = result.object.find(table);
  if (rows == result.object.end() || !rows->is_array())
    throw bad(table, "an array", rows == result.object.end() ? "none" : rows->type_name());
  for (std::size_t i = 0; i < rows->size(); ++i) {
    const std::string where = std::string(table) + "[" + std::to_string(i) + "]";
    const Json& row = (*rows)[i];
    if (!row.is_object()) throw bad(where, "an object", row.type_name());
    for (const Field& field : fields) {
      const Json value = row.value(field.name, Json(Json::value_t::discarded));
      if (value.is_discarded()) throw bad(where + "." + field.name, kind_text(field.kind), "none");
      if (!is_of(value, field.kind)) throw bad(where + "." + field.name, kind_text(field.kind), value.type_name());
    }
  }
}

void check_texts(const Result& result) {
  check_rows(result, "tokens", {{"text", Kind::kText}, {"eight_bit_layers", Kind::kNumberOrNull}});
}

/// How a result was made, as it says itself.
Json command_of(const Result& result) {
  const Json command = result.object.value("command", Json());
  return {{"from", result.from}, {"command", command.is_string() ? command : Json()}, {"schema", result.object["schema"]}};
}

Json compare_view(const Json& object) {
  Json view = object;
  Json rows = Json::array();
  for (Json row : object["results"]) {
    row["label"] = label_of(row);
    row["setting"] = setting_of(row);
    if (row["setting"] != "") rows.push_back(std::move(row));
  }
  view["results"] = std::move(rows);
  Json settings = Json::array();
  for (const evaluate::TableColumn& column : evaluate::kTableColumns) settings.push_back(column.name);
  view["settings"] = std::move(settings);
  return view;
}

/// The tables for reading and the timeline instead of every command.
Json profile_view(const Json& object) {
  Json view = object;
  view.erase("commands");
  view["timeline"] = busy_over_time(object["commands"], kBins);
  view["layer_commands"] = commands_of_middle_layer(object["commands"]);
  return view;
}

}  // namespace

void check_result(const Result& result, const std::string& schema) {
  const Json& object = result.object;
  const std::string found =
      object.contains("schema") ? object["schema"].dump(-1, ' ', false, Json::error_handler_t::replace) : "none";
  if (!object.contains("schema") || object["schema"] != schema) {
    throw input_error(result.from + ": schema: expected \"" + schema + "\", found " + found +
                      "; give the result of the command that this option names, with --format json");
  }
  if (schema == "squat.compare/1") {
    check_rows(result, "results",
               {{"device", Kind::kText},
                {"shape", Kind::kText},
                {"phase", Kind::kText},
                {"weight_bits", Kind::kNumber},
                {"activations", Kind::kText},
                {"rho", Kind::kNumberOrNull},
                {"tokens", Kind::kNumber},
                {"context", Kind::kNumberOrNull},
                {"ms_per_token", Kind::kNumber},
                {"source", Kind::kText}});
  } else if (schema == "squat.bench/1") {
    check_rows(result, "roles",
               {{"device", Kind::kText},
                {"phase", Kind::kText},
                {"role", Kind::kText},
                {"gemm_busy", Kind::kNumber},
                {"vec_busy", Kind::kNumber},
                {"io_busy", Kind::kNumber},
                {"weight_stall", Kind::kNumber},
                {"drain_stall", Kind::kNumber}});
    check_rows(result, "commands",
               {{"device", Kind::kText},
                {"phase", Kind::kText},
                {"pass", Kind::kCount},
                {"layer", Kind::kNumberOrNull},
                {"role", Kind::kText},
                {"head", Kind::kNumberOrNull},
                {"unit", Kind::kText},
                {"start", Kind::kCount},
                {"end", Kind::kCount},
                {"busy", Kind::kCount},
                {"first", Kind::kCount},
                {"last", Kind::kCount},
                {"weight_stall", Kind::kCount},
                {"drain_stall", Kind::kCount}});
  } else if (schema == "squat.analyze/1") {
    if (!object.contains("analysis") || !object["analysis"].is_string()) {
      throw input_error(result.from + ": analysis: expected a text; give a result of squat analyze, with --format json");
    }
    check_rows(result, "rows", {});
  } else if (schema == "squat.generate/1") {
    check_texts(result);
  }
}

Result read_result(const std::string& file, const std::string& schema) {
  Result result = {file, model::parse_json_object(model::read_small_file(file, kMaxBytes), file)};
  check_result(result, schema);
  return result;
}

Json view_of(const Inputs& inputs) {
  Json view = {{"compare", nullptr},     {"profile", nullptr},     {"analyze", Json::array()},
               {"evals", Json::array()}, {"texts", Json::array()}, {"commands", Json::array()}};
  const auto note_command = [&](const Result& result) { view["commands"].push_back(command_of(result)); };
  for (const Result& result : inputs.compare) {
    view["compare"] = compare_view(result.object);
    note_command(result);
  }
  for (const Result& result : inputs.profile) {
    view["profile"] = profile_view(result.object);
    note_command(result);
  }
  for (const Result& result : inputs.analyze) {
    view["analyze"].push_back(result.object);
    note_command(result);
  }
  for (const Result& result : inputs.evals) {
    view["evals"].push_back(result.object);
    note_command(result);
  }
  for (const Result& result : inputs.texts) {
    view["texts"].push_back(result.object);
    note_command(result);
  }
  view["quality"] = view["compare"].is_null() ? Json::array() : quality_rows(view["compare"], view["evals"]);
  return view;
}

}  // namespace squat::report
