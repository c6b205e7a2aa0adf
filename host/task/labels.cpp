// SPDX-License-Identifier: Apache-2.0
#include "host/task/labels.hpp"

#include <algorithm>
#include <optional>
#include <set>

#include "host/model/error.hpp"
#include "host/task/rows.hpp"

namespace squat::task {
namespace {

std::optional<long> integer(const std::string& text) {
  const std::size_t digits = text.size() > 1 && text[0] == '-' ? 1 : 0;
  if (text.size() == digits || text.size() > 9 || text.find_first_not_of("0123456789", digits) != std::string::npos) return {};
  return std::stol(text);
}

std::string names_of(const std::vector<TaskClass>& classes) {
  std::string text;
  for (const TaskClass& c : classes) text += (text.empty() ? "'" : ", '") + c.name + "'";
  return text;
}

}  // namespace

int class_of(const std::vector<TaskClass>& classes, const std::string& label) {
  bool numbers = false;
  for (std::size_t i = 0; i < classes.size(); ++i) {
    if (classes[i].name == label) return static_cast<int>(i);
    numbers = numbers || integer(classes[i].name);
  }
  if (numbers) return -1;
  if (classes.size() == 2 && (label == "true" || label == "false")) return label == "true" ? 1 : 0;
  const std::optional<long> index = integer(label);
  return index && *index >= 0 && *index < static_cast<long>(classes.size()) ? static_cast<int>(*index) : -1;
}

void assign_classes(ExampleFile& file, const std::string& label_field, const std::vector<TaskClass>& classes) {
  for (Example& example : file.examples) {
    skip_or_throw(file, [&] {
      example.target = class_of(classes, example.label);
      if (example.target >= 0) return;
      throw input_error(file.file + ": line " + std::to_string(example.line) + ": field '" + label_field +
                        "': expected one of " + names_of(classes) + " or its number from 0, found '" +
                        example.label.substr(0, 60) + "'; a file without answers, such as a test set, cannot be used");
    });
  }
  auto& all = file.examples;
  all.erase(std::remove_if(all.begin(), all.end(), [](const Example& e) { return e.target < 0; }), all.end());
  if (all.empty())
    throw input_error(file.file + ": expected examples, found none; the first one left out: " + file.first_skipped);
}

void keep_first(ExampleFile& file, int most) {
  if (most >= 0 && file.examples.size() > static_cast<std::size_t>(most)) file.examples.resize(static_cast<std::size_t>(most));
}

ExampleFile open_examples(const std::filesystem::path& path, const Task& task, bool skip, int most) {
  ExampleFile file = read_examples(path, task.forms, skip);
  keep_first(file, most);
  assign_classes(file, task.forms[file.form].label, task.classes);
  return file;
}

std::vector<std::string> labels_of(const ExampleFile& file, const std::string& label_field) {
  std::set<std::string> found;
  for (const Example& example : file.examples) {
    found.insert(example.label);
    if (found.size() > static_cast<std::size_t>(kMaxClasses)) break;
  }
  if (found.size() < 2 || found.size() > static_cast<std::size_t>(kMaxClasses)) {
    throw input_error(file.file + ": field '" + label_field + "': expected 2 to " + std::to_string(kMaxClasses) +
                      " different labels, found " + (found.size() < 2 ? "'" + *found.begin() + "' only" : "more") +
                      "; is this the field of the class?");
  }
  std::vector<std::string> labels(found.begin(), found.end());
  if (std::all_of(labels.begin(), labels.end(), [](const std::string& label) { return integer(label).has_value(); })) {
    std::sort(labels.begin(), labels.end(),
              [](const std::string& a, const std::string& b) { return *integer(a) < *integer(b); });
  }
  return labels;
}

}  // namespace squat::task
