// SPDX-License-Identifier: Apache-2.0
#include "host/model/json_file.hpp"

#include <cmath>
#include <cstdio>
#include <utility>
#include <vector>

#include "host/model/error.hpp"
#include "host/model/input_file.hpp"

namespace squat::model {
namespace {

constexpr std::size_t kMaxDepth = 32;
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

/// Takes the parser's events, in the interface of nlohmann::json_sax, and makes the document of them.
class Builder {
 public:
  using Json = nlohmann::json;

  Builder(Json& root, const std::string& file) : root_(root), file_(file) {}

  bool null() { return put(nullptr); }
  bool boolean(bool value) { return put(value); }
  bool number_integer(std::int64_t value) { return put(value); }
  bool number_unsigned(std::uint64_t value) { return put(value); }
  bool number_float(double value, const std::string&) { return put(value); }
  bool string(std::string& value) { return put(std::move(value)); }
  bool binary(Json::binary_t&) { return false; }  // not in text
  bool start_object(std::size_t) { return open(Json::value_t::object); }
  bool start_array(std::size_t) { return open(Json::value_t::array); }
  bool end_object() { return close(); }
  bool end_array() { return close(); }

  bool key(std::string& name) {
    const auto [place, fresh] = open_.back()->get_ref<Json::object_t&>().try_emplace(std::move(name));
    if (!fresh) throw input_error(file_ + ": field '" + place->first + "' appears twice; keep one of them");
    member_ = &place->second;
    return true;
  }

  bool parse_error(std::size_t, const std::string&, const Json::exception& error) {
    const auto* parse = dynamic_cast<const Json::parse_error*>(&error);
    throw input_error(file_ + ": malformed JSON" + (parse ? " at byte " + std::to_string(parse->byte) : std::string()) + " (" +
                      error.what() + "); copy or download it again");
  }

 private:
  /// Where the value that comes next belongs.
  Json& next() {
    if (open_.size() > kMaxDepth) {
      throw input_error(file_ + ": JSON nested deeper than " + std::to_string(kMaxDepth) + " levels; this is no model file");
    }
    if (open_.empty()) return root_;
    if (open_.back()->is_object()) return *member_;
    auto& elements = open_.back()->get_ref<Json::array_t&>();
    elements.emplace_back();
    return elements.back();
  }

  template <class Value>
  bool put(Value&& value) {
    next() = std::forward<Value>(value);
    return true;
  }
  bool open(Json::value_t type) {
    Json& place = next();
    place = type;
    open_.push_back(&place);
    return true;
  }
  bool close() {
    open_.pop_back();
    return true;
  }

  Json& root_;
  const std::string& file_;
  std::vector<Json*> open_;  ///< from the root to the innermost object or array; nothing but the innermost grows
  Json* member_ = nullptr;   ///< of the innermost object, whose name came last
};

}  // namespace

nlohmann::json parse_json_object(const std::string& text, const std::string& file) {
  nlohmann::json value;
  Builder builder(value, file);
  nlohmann::json::sax_parse(text, &builder);
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
