// SPDX-License-Identifier: Apache-2.0
// JSON-lines as SuperGLUE's files are: an object per line, its fields by paths.
#include <nlohmann/json.hpp>

#include "host/model/error.hpp"
#include "host/model/json_file.hpp"
#include "host/task/rows.hpp"

namespace squat::task {
namespace {

using nlohmann::json;

constexpr int kMaxElements = 4096;  ///< of the lists that one line is taken apart by

std::vector<std::string> keys_of(const std::string& path) {
  std::vector<std::string> keys(1);
  for (const char c : path) c == '.' ? (void)keys.emplace_back() : keys.back().push_back(c);
  return keys;
}

/// The value at a path, or the first list on the way to it, with its place; null when there is nothing.
const json* follow(const json& object, const std::string& path, json::json_pointer& place) {
  const json* at = &object;
  place = json::json_pointer();
  for (const std::string& key : keys_of(path)) {
    if (at->is_array()) return at;
    if (!at->is_object()) return nullptr;
    const auto found = at->find(key);
    if (found == at->end()) return nullptr;
    at = &*found;
    place.push_back(key);
  }
  return at;
}

bool has_all(const json& object, const FieldNames& form) {
  json::json_pointer place;
  for (const std::string& name : form.names) {
    if (follow(object, name, place) == nullptr) return false;
  }
  return true;
}

std::string text_of(const json& object, const std::string& name, bool label, const Line& line) {
  json::json_pointer place;
  const json* value = follow(object, name, place);
  if (value != nullptr && value->is_string()) return value->get<std::string>();
  if (label && value != nullptr && (value->is_boolean() || value->is_number_integer())) return value->dump();
  std::string found = value == nullptr ? "nothing" : value->dump(-1, ' ', true, json::error_handler_t::replace);
  if (found.size() > 60) found = found.substr(0, 57) + "...";
  throw input_error(line.where + ": field '" + name + "': expected " +
                    (label ? "a string, an integer, true or false" : "a string") + ", found " + found +
                    "; repair the line, or leave it out");
}

/// One example per combination of the lists' elements; lists that several paths meet are walked once.
void expand(const json& object, const FieldNames& form, const Line& line, int& elements, ExampleFile& file) {
  for (const std::string& name : form.names) {
    json::json_pointer place;
    const json* value = follow(object, name, place);
    if (value == nullptr || !value->is_array()) continue;
    for (const json& element : *value) {
      if (++elements > kMaxElements) {
        throw input_error(line.where + ": expected lists of at most " + std::to_string(kMaxElements) +
                          " elements in a line, found more; split the line");
      }
      json one = object;
      one[place] = element;
      expand(one, form, line, elements, file);
    }
    return;
  }
  std::vector<std::string> values;
  for (const std::string& name : form.names) values.push_back(text_of(object, name, &name == &form.names.back(), line));
  add_example(line, form, std::move(values), file);
}

std::string names_of(const json& object) {
  std::string text;
  for (const auto& item : object.items()) text += (text.empty() ? "'" : ", '") + item.key().substr(0, 40) + "'";
  return text.empty() ? "none" : text.substr(0, 400);
}

}  // namespace

void parse_json_lines(std::string_view text, const std::vector<FieldNames>& forms, ExampleFile& file) {
  const bool skips = file.skips;
  file.skips = false;
  bool first = true;
  for_each_row(text, file, [&](const Line& line) {
    const json object = model::parse_json_object(std::string(line.text), line.where);
    if (first) {
      while (file.form < forms.size() && !has_all(object, forms[file.form])) ++file.form;
      if (file.form == forms.size()) refuse_fields(line.where, forms, names_of(object));
      first = false;
      file.skips = skips;
    }
    const std::size_t before = file.examples.size();
    int elements = 0;
    try {
      expand(object, forms[file.form], line, elements, file);
    } catch (...) {
      file.examples.resize(before);  // a line counts whole or not at all
      throw;
    }
  });
}

}  // namespace squat::task
