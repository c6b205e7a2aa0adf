// SPDX-License-Identifier: Apache-2.0
// What both readers of example files share: lines, forms, and what becomes of a bad line.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "host/task/example_file.hpp"
#include "host/task/layout.hpp"

namespace squat::task {

/// A form with the names of its fields; the label comes last.
struct FieldNames {
  explicit FieldNames(const TaskForm& form);
  std::vector<std::string> names;
};

struct Line {
  std::string_view text;  ///< without its line break, not empty
  int number = 0;         ///< from 1
  std::string where;      ///< "FILE: line 7"
};

/// Calls visit for every line that is not blank. Throws input_error for a line of more than 1 MiB or that is not UTF-8.
void for_each_row(std::string_view text, ExampleFile& file, const std::function<void(const Line&)>& visit);

/// Runs `work`; of a file that skips, an input_error becomes a count.
void skip_or_throw(ExampleFile& file, const std::function<void()>& work);

/// Adds an example from its fields' values, the label last. Throws input_error for blank values.
void add_example(const Line& line, const FieldNames& fields, std::vector<std::string> values, ExampleFile& file);

/// The error of a file that no form fits.
[[noreturn]] void refuse_fields(const std::string& file, const std::vector<FieldNames>& forms, const std::string& found);

void parse_json_lines(std::string_view text, const std::vector<FieldNames>& forms, ExampleFile& file);
void parse_tab_separated(std::string_view text, const std::vector<FieldNames>& forms, ExampleFile& file);

}  // namespace squat::task
