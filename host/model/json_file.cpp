// SPDX-License-Identifier: Apache-2.0
#include "host/model/json_file.hpp"

#include <cmath>
#include <cstdio>
#include <set>
#include <vector>

#include "host/model/error.hpp"
#include "host/model/input_file.hpp"

namespace squat::model {
namespace {

constexpr int kMaxDepth = 32;
constexpr std::uint64_t kMaxBytes = 4u << 20;  // a parsed document takes about ten times its text in memory

std::string real_text(double value) {
  char text[32];
  std::snprintf(text, sizeof text, "%g", value);
  return text;
}

std::string shortened(const nlohmann::json& value) {
  std::string text = value.dump(-1, ' ', true, nlohmann::json::error_handler_t::replace);
  if (text.size() > 60) text = text.substr(0, 57) + "...";
  return text;
}

}  // namespace

nlohmann::json parse_json_object(const std::string& text, const std::string& file) {
  using Event = nlohmann::json::parse_event_t;
  std::vector<std::set<std::string>> open_objects;
  const auto check = [&](int depth, Event event, nlohmann::json& parsed) {
    if (depth > kMaxDepth) {
      throw input_error(file + ": JSON nested deeper than " + std::to_string(kMaxDepth) + " levels; this is no model file");
    }
    if (event == Event::object_start) open_objects.emplace_back();
    if (event == Event::object_end) open_objects.pop_back();
    if (event == Event::key && !open_objects.back().insert(parsed.get<std::string>()).second) {
      throw input_error(file + ": field '" + parsed.get<std::string>() + "' appears twice; keep one of them");
    }
    return true;
  };
  nlohmann::json value;
  try {
    value = nlohmann::json::parse(text, check);
  } catch (const nlohmann::json::exception& error) {
    const auto* parse = dynamic_cast<const nlohmann::json::parse_error*>(&error);
    throw input_error(file + ": malformed JSON" + (parse ? " at byte " + std::to_string(parse->byte) : std::string()) + " (" +
                      error.what() + "); copy or download it again");
  }
  if (!value.is_object()) throw input_error(file + ": expected a JSON object, found " + std::string(value.type_name()));
  return value;
}

nlohmann::json read_json_object(const std::filesystem::path& path) {
  return parse_json_object(read_small_file(path, kMaxBytes), path.string());
}

JsonFields::JsonFields(const nlohmann::json& object, std::string file, std::string prefix)
    : object_(object), file_(std::move(file)), prefix_(std::move(prefix)) {}

bool JsonFields::has(const char* field) const {
  const auto it = object_.find(field);
  return it != object_.end() && !it->is_null();
}

const nlohmann::json& JsonFields::at(const char* field) const {
  if (!has(field))
    throw input_error(file_ + ": field '" + prefix_ + field + "' is missing; add it as the model's publisher defines it");
  return object_.at(field);
}

void JsonFields::fail(const char* field, const std::string& expected) const {
  throw input_error(file_ + ": field '" + prefix_ + field + "': expected " + expected + ", found " +
                    (has(field) ? shortened(object_.at(field)) : std::string("nothing")));
}

std::int64_t JsonFields::integer(const char* field, std::int64_t lo, std::int64_t hi) const {
  const nlohmann::json& value = at(field);
  const std::string expected = "an integer from " + std::to_string(lo) + " to " + std::to_string(hi);
  if (!value.is_number_integer()) fail(field, expected);
  // An unsigned value beyond int64 would wrap to a negative one.
  if (value.is_number_unsigned() && value.get<std::uint64_t>() > static_cast<std::uint64_t>(INT64_MAX)) fail(field, expected);
  const auto number = value.get<std::int64_t>();
  if (number < lo || number > hi) fail(field, expected);
  return number;
}

std::int64_t JsonFields::integer_or(const char* field, std::int64_t lo, std::int64_t hi, std::int64_t otherwise) const {
  return has(field) ? integer(field, lo, hi) : otherwise;
}

double JsonFields::real(const char* field, double lo, double hi) const {
  const nlohmann::json& value = at(field);
  const double number = value.is_number() ? value.get<double>() : std::nan("");
  if (!(number >= lo && number <= hi)) fail(field, "a number from " + real_text(lo) + " to " + real_text(hi));
  return number;
}

double JsonFields::real_or(const char* field, double lo, double hi, double otherwise) const {
  return has(field) ? real(field, lo, hi) : otherwise;
}

bool JsonFields::boolean_or(const char* field, bool otherwise) const {
  if (!has(field)) return otherwise;
  if (!object_.at(field).is_boolean()) fail(field, "true or false");
  return object_.at(field).get<bool>();
}

std::string JsonFields::text(const char* field) const {
  if (!at(field).is_string()) fail(field, "a string");
  return at(field).get<std::string>();
}

}  // namespace squat::model
