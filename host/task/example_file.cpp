// SPDX-License-Identifier: Apache-2.0
#include "host/task/example_file.hpp"

#include <algorithm>

#include "host/model/error.hpp"
#include "host/model/input_file.hpp"
#include "host/model/utf8.hpp"
#include "host/task/rows.hpp"

namespace squat::task {
namespace {

constexpr std::uint64_t kMaxFile = std::uint64_t{1} << 30;
constexpr std::size_t kMaxLine = std::size_t{1} << 20;
constexpr std::string_view kByteOrderMark = "\xef\xbb\xbf";  // the published MRPC begins with one
constexpr std::string_view kBlank = " \t\r\n";

std::string_view trimmed(std::string_view text) {
  const std::size_t first = text.find_first_not_of(kBlank);
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(kBlank) - first + 1);
}

void check_line(const Line& line) {
  if (line.text.size() > kMaxLine) {
    throw input_error(line.where + ": expected at most " + std::to_string(kMaxLine) + " bytes, found " +
                      std::to_string(line.text.size()) + "; each line is one example");
  }
  if (const std::size_t bad = model::find_invalid_utf8(line.text); bad != std::string_view::npos) {
    throw input_error(line.where + ", byte " + std::to_string(bad) +
                      ": expected UTF-8, found something else; convert the file, for example with iconv");
  }
}

}  // namespace

FieldNames::FieldNames(const TaskForm& form) : names(Layout(form.layout).fields()) { names.push_back(form.label); }

void for_each_row(std::string_view text, ExampleFile& file, const std::function<void(const Line&)>& visit) {
  Line line;
  for (std::size_t at = 0; at < text.size();) {
    ++line.number;
    const std::size_t end = std::min(text.find('\n', at), text.size());
    line.text = text.substr(at, end - at);
    at = end + 1;
    if (!line.text.empty() && line.text.back() == '\r') line.text.remove_suffix(1);
    if (trimmed(line.text).empty()) continue;
    line.where = file.file + ": line " + std::to_string(line.number);
    skip_or_throw(file, [&] {
      check_line(line);
      visit(line);
    });
  }
}

void skip_or_throw(ExampleFile& file, const std::function<void()>& work) {
  if (!file.skips) return work();
  try {
    work();
  } catch (const Error& error) {
    if (error.code() != ExitCode::kBadInput) throw;
    if (file.skipped++ == 0) file.first_skipped = error.what();
  }
}

void add_example(const Line& line, const FieldNames& fields, std::vector<std::string> values, ExampleFile& file) {
  Example example;
  for (std::size_t i = 0; i < values.size(); ++i) {
    std::string value(trimmed(values[i]));
    if (value.empty()) {
      throw input_error(line.where + ": field '" + fields.names[i] +
                        "': expected a text, found nothing; complete the line, or leave it out");
    }
    if (i + 1 < values.size()) {
      example.texts.push_back(std::move(value));
    } else {
      example.label = std::move(value);
    }
  }
  example.line = line.number;
  file.examples.push_back(std::move(example));
}

void refuse_fields(const std::string& file, const std::vector<FieldNames>& forms, const std::string& found) {
  std::string expected;
  for (const FieldNames& form : forms) {
    if (!expected.empty()) expected += ", or ";
    for (std::size_t i = 0; i < form.names.size(); ++i) expected += (i == 0 ? "'" : ", '") + form.names[i] + "'";
  }
  throw input_error(file + ": expected the fields " + expected + "; found " + found +
                    "; name the file's fields by --layout and --label of squat finetune");
}

ExampleFile parse_examples(const std::string& text, const std::string& name, const std::vector<TaskForm>& forms, bool skip) {
  std::string_view rest = text;
  if (rest.substr(0, kByteOrderMark.size()) == kByteOrderMark) rest.remove_prefix(kByteOrderMark.size());
  std::vector<FieldNames> fields;
  for (const TaskForm& form : forms) fields.emplace_back(form);
  ExampleFile file;
  file.file = name;
  file.skips = skip;
  const std::string_view content = trimmed(rest);
  if (content.empty()) throw input_error(name + ": expected examples, found an empty file");
  content.front() == '{' ? parse_json_lines(rest, fields, file) : parse_tab_separated(rest, fields, file);
  if (file.examples.empty()) {
    throw input_error(name + ": expected examples, found none" +
                      (file.skipped > 0 ? "; the first line left out: " + file.first_skipped : "; is the file complete?"));
  }
  return file;
}

ExampleFile read_examples(const std::filesystem::path& path, const std::vector<TaskForm>& forms, bool skip) {
  return parse_examples(model::read_small_file(path, kMaxFile), path.string(), forms, skip);
}

}  // namespace squat::task
