// SPDX-License-Identifier: Apache-2.0
// Tab-separated values as GLUE's files are: no quoting, a line per example.
#include <algorithm>

#include "host/model/error.hpp"
#include "host/task/rows.hpp"

namespace squat::task {
namespace {

std::vector<std::string_view> columns_of(std::string_view line) {
  std::vector<std::string_view> columns;
  for (std::size_t at = 0; at <= line.size();) {
    const std::size_t end = std::min(line.find('\t', at), line.size());
    columns.push_back(line.substr(at, end - at));
    at = end + 1;
  }
  return columns;
}

/// A column by its number, from 1; 0 for other names.
std::size_t number_of(const std::string& name) {
  if (name.empty() || name.size() > 4 || name.find_first_not_of("0123456789") != std::string::npos) return 0;
  return std::stoul(name);
}

std::string list(const std::vector<std::string_view>& names) {
  std::string text = std::to_string(names.size()) + (names.size() == 1 ? " column: " : " columns: ");
  for (std::size_t i = 0; i < names.size() && i < 20; ++i) {
    text += (i == 0 ? "'" : ", '") + std::string(names[i].substr(0, 40)) + "'";
  }
  return text;
}

class Table {
 public:
  Table(const std::vector<FieldNames>& forms, ExampleFile& file) : forms_(forms), file_(file) {}

  /// Finds the form and its columns from the first line. True when that line only names them.
  bool start(const std::vector<std::string_view>& first) {
    columns_ = first.size();
    for (const bool by_number : {false, true}) {
      for (file_.form = 0; file_.form < forms_.size(); ++file_.form) {
        if (by_number ? take_numbers() : take_names(first)) return !by_number;
      }
    }
    refuse_fields(file_.file, forms_, list(first));
  }

  void add(const Line& line) {
    const std::vector<std::string_view> found = columns_of(line.text);
    if (found.size() != columns_) {
      throw input_error(line.where + ": expected " + std::to_string(columns_) + " columns as in the first line, found " +
                        std::to_string(found.size()) + "; repair the line, or leave such lines out with --skip-bad-lines");
    }
    std::vector<std::string> values;
    for (const std::size_t at : places_) values.emplace_back(found[at]);
    add_example(line, forms_[file_.form], std::move(values), file_);
  }

 private:
  bool take_names(const std::vector<std::string_view>& header) {
    places_.clear();
    for (const std::string& name : forms_[file_.form].names) {
      const auto found = std::find(header.begin(), header.end(), name);
      if (found == header.end()) return false;
      if (std::find(found + 1, header.end(), name) != header.end()) {
        throw input_error(file_.file + ": line 1: column '" + name + "' stands there twice; rename one of them");
      }
      places_.push_back(static_cast<std::size_t>(found - header.begin()));
    }
    return true;
  }

  bool take_numbers() {
    places_.clear();
    for (const std::string& name : forms_[file_.form].names) {
      const std::size_t number = number_of(name);
      if (number == 0 || number > columns_) return false;
      places_.push_back(number - 1);
    }
    return true;
  }

  const std::vector<FieldNames>& forms_;
  ExampleFile& file_;
  std::size_t columns_ = 0;
  std::vector<std::size_t> places_;  ///< of the form's fields
};

}  // namespace

void parse_tab_separated(std::string_view text, const std::vector<FieldNames>& forms, ExampleFile& file) {
  Table table(forms, file);
  const bool skips = file.skips;
  file.skips = false;  // a bad first line leaves nothing to read the others by
  bool first = true;
  for_each_row(text, file, [&](const Line& line) {
    const bool names = first && table.start(columns_of(line.text));
    first = false;
    file.skips = skips;
    if (!names) table.add(line);
  });
}

}  // namespace squat::task
