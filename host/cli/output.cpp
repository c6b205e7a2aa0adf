// SPDX-License-Identifier: Apache-2.0
#include "host/cli/output.hpp"

#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <iostream>
#include <vector>

#include "host/cli/progress.hpp"
#include "host/model/error.hpp"

namespace squat::cli {
namespace {

using Json = nlohmann::ordered_json;
using Row = std::vector<std::string>;

bool is_table(const Json& value) {
  return value.is_array() && !value.empty() &&
         std::all_of(value.begin(), value.end(), [](const Json& row) { return row.is_object(); });
}

std::string& command_line() {
  static std::string line;
  return line;
}

void flush_output() {
  std::cout.flush();
  if (!std::cout) throw input_error("standard output cannot be written; is the disk full or the pipe closed?");
}

std::string json_text(const Json& value) { return value.dump(-1, ' ', false, Json::error_handler_t::replace); }

/// One value as a cell. Numbers are rounded for reading in tables, exact in csv.
std::string cell(const Json& value, bool exact) {
  if (value.is_null()) return exact ? "" : "-";
  if (value.is_string()) return value.get<std::string>();
  if (value.is_boolean()) return value.get<bool>() ? "yes" : "no";
  if (value.is_number_float() && !exact) {
    char text[40];
    std::snprintf(text, sizeof text, "%.5g", value.get<double>());
    return text;
  }
  if (value.is_array()) {
    std::string text;
    for (const Json& item : value) text += (text.empty() ? "" : " ") + cell(item, exact);
    return text;
  }
  return json_text(value);
}

/// The table of an array of objects; the first row holds the names.
std::vector<Row> rows_of(const Json& array, bool exact) {
  Row names;
  for (const Json& object : array) {
    for (const auto& item : object.items()) {
      if (std::find(names.begin(), names.end(), item.key()) == names.end()) names.push_back(item.key());
    }
  }
  std::vector<Row> rows = {names};
  for (const Json& object : array) {
    Row row;
    for (const std::string& name : names) row.push_back(cell(object.contains(name) ? object[name] : Json(), exact));
    rows.push_back(std::move(row));
  }
  return rows;
}

/// Single values, those of nested objects as "outer.inner".
void collect_fields(const Json& object, const std::string& prefix, bool exact, std::vector<Row>& rows) {
  for (const auto& item : object.items()) {
    if (item.value().is_object()) {
      collect_fields(item.value(), prefix + item.key() + ".", exact, rows);
    } else if (!is_table(item.value())) {
      rows.push_back({prefix + item.key(), cell(item.value(), exact)});
    }
  }
}

/// Characters, not bytes: UTF-8 continuation bytes take no column.
std::size_t width_of(const std::string& text) {
  return static_cast<std::size_t>(
      std::count_if(text.begin(), text.end(), [](char c) { return (static_cast<unsigned char>(c) & 0xc0) != 0x80; }));
}

/// Width of each column but the last, which is not padded.
std::vector<std::size_t> widths_of(const std::vector<Row>& rows) {
  std::vector<std::size_t> width;
  for (const Row& row : rows) {
    width.resize(std::max(width.size(), row.size()));
    for (std::size_t i = 0; i + 1 < row.size(); ++i) width[i] = std::max(width[i], width_of(row[i]));
  }
  return width;
}

void print_aligned(std::ostream& out, const std::vector<Row>& rows) {
  const std::vector<std::size_t> width = widths_of(rows);
  for (const Row& row : rows) {
    for (std::size_t i = 0; i < row.size(); ++i) {
      out << row[i];
      if (i + 1 < row.size()) out << std::string(width[i] - width_of(row[i]) + 2, ' ');
    }
    out << '\n';
  }
}

/// Breaks the last of two columns at spaces so that lines fit `columns`; the lines after the first have an empty name.
std::vector<Row> wrapped(const std::vector<Row>& fields, std::size_t columns) {
  const std::size_t before = widths_of(fields).empty() ? 0 : widths_of(fields).front() + 2;
  if (columns < before + 20) return fields;
  std::vector<Row> rows;
  for (const Row& field : fields) {
    std::string name = field[0], rest = field[1];
    while (width_of(rest) > columns - before) {
      // Bytes, not characters: a line may come out shorter than it could be, never longer.
      const std::size_t at = rest.rfind(' ', columns - before);
      if (at == std::string::npos || at == 0) break;
      rows.push_back({name, rest.substr(0, at)});
      name.clear();
      rest.erase(0, at + 1);
    }
    rows.push_back({name, rest});
  }
  return rows;
}

/// Columns of the widest line.
std::size_t line_width(const std::vector<Row>& rows) {
  const std::vector<std::size_t> width = widths_of(rows);
  std::size_t before = 0, last = 0;
  for (const std::size_t w : width) before += w;
  for (const Row& row : rows) last = std::max(last, width_of(row.back()));
  return before + 2 * (width.size() - 1) + last;
}

/// For narrow terminals: each row as lines "name value", an empty line between rows, nothing for empty cells.
void print_records(std::ostream& out, const std::vector<Row>& rows) {
  for (std::size_t r = 1; r < rows.size(); ++r) {
    std::vector<Row> record;
    for (std::size_t i = 0; i < rows[r].size(); ++i) {
      if (rows[r][i] != "-") record.push_back({rows[0][i], rows[r][i]});
    }
    if (r > 1) out << '\n';
    print_aligned(out, record);
  }
}

std::string escaped(std::string text, const std::string& what, const std::string& with) {
  for (std::size_t at = 0; (at = text.find(what, at)) != std::string::npos; at += with.size())
    text.replace(at, what.size(), with);
  return text;
}

void print_markdown(std::ostream& out, const std::vector<Row>& rows) {
  for (std::size_t i = 0; i < rows.size(); ++i) {
    out << '|';
    for (const std::string& text : rows[i]) out << ' ' << escaped(escaped(text, "|", "\\|"), "\n", " ") << " |";
    out << '\n';
    if (i == 0) out << '|' << escaped(std::string(rows[i].size(), '-'), "-", "---|") << '\n';
  }
}

void print_csv(std::ostream& out, const std::vector<Row>& rows) {
  for (const Row& row : rows) {
    for (std::size_t i = 0; i < row.size(); ++i) {
      const bool quoted = row[i].find_first_of(",\"\r\n") != std::string::npos;
      out << (i == 0 ? "" : ",") << (quoted ? '"' + escaped(row[i], "\"", "\"\"") + '"' : row[i]);
    }
    out << '\n';
  }
}

}  // namespace

void print(std::ostream& out, const Json& object, Format format, std::size_t columns) {
  if (format == Format::kJson) {
    out << json_text(object) << '\n';
    return;
  }
  std::vector<Row> fields;
  if (format == Format::kCsv) {
    for (const auto& item : object.items()) {
      if (is_table(item.value())) return print_csv(out, rows_of(item.value(), true));
    }
    fields.push_back({"field", "value"});
    collect_fields(object, "", true, fields);
    return print_csv(out, fields);
  }
  if (format == Format::kMarkdown) fields.push_back({"field", "value"});
  collect_fields(object, "", false, fields);
  fields.erase(std::remove_if(fields.begin(), fields.end(), [](const Row& row) { return row[0] == "schema"; }), fields.end());
  format == Format::kMarkdown ? print_markdown(out, fields)
                              : print_aligned(out, columns > 0 ? wrapped(fields, columns) : fields);
  for (const auto& item : object.items()) {
    if (!is_table(item.value())) continue;
    out << '\n' << (format == Format::kMarkdown ? "### " : "") << item.key() << '\n';
    if (format == Format::kMarkdown) out << '\n';
    const std::vector<Row> rows = rows_of(item.value(), false);
    if (format == Format::kMarkdown) {
      print_markdown(out, rows);
    } else if (columns > 0 && line_width(rows) > columns) {
      print_records(out, rows);
    } else {
      print_aligned(out, rows);
    }
  }
}

void set_command_line(const std::string& line) { command_line() = line; }

void print_result(const Json& object, Format format) {
  clear_progress();
  if (format == Format::kJson && !command_line().empty()) {
    Json signed_object = object;
    signed_object["command"] = command_line();
    print(std::cout, signed_object, format);
    return flush_output();
  }
  winsize size{};
  const bool terminal = ::ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0;
  print(std::cout, object, format, terminal ? size.ws_col : 0U);
  flush_output();
}

void print_text(const std::string& text) {
  std::cout << text;
  flush_output();
}

void note(const std::string& text) {
  clear_progress();
  std::cerr << text << '\n';
}

}  // namespace squat::cli
