// SPDX-License-Identifier: Apache-2.0
// Results on standard output. Every command builds one JSON object; the other forms are drawn from it.
#pragma once

#include <iosfwd>
#include <nlohmann/json.hpp>
#include <string>

namespace squat::cli {

enum class Format { kTable, kMarkdown, kCsv, kJson };

/// json: the object as it is, on one line, bytes that are no UTF-8 replaced.
/// table, md: single values as "name value", arrays of objects as tables with the union of their fields as columns. A table
/// wider than `columns` (0: no limit) is shown row by row as "name value", and values are broken at spaces. csv: the first
/// array of objects, or "field,value" lines when the object has none.
void print(std::ostream& out, const nlohmann::ordered_json& object, Format format, std::size_t columns = 0);

/// What the user typed, as a line for a shell: every result in JSON says which command made it.
void set_command_line(const std::string& line);

/// print() on standard output, as wide as the terminal if it is one, json with the command line as "command"; throws an Error
/// when it cannot be written.
void print_result(const nlohmann::ordered_json& object, Format format);
/// Writes and flushes; throws input_error when standard output cannot be written.
void print_text(const std::string& text);

/// A message on standard error.
void note(const std::string& text);

}  // namespace squat::cli
