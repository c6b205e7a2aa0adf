// SPDX-License-Identifier: Apache-2.0
#include "host/evaluate/minimal_pairs.hpp"

#include <algorithm>

#include "host/model/error.hpp"
#include "host/model/json_file.hpp"

namespace squat::evaluate {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kMaxLine = 64 << 10;

std::string sentence(const model::JsonFields& fields, const char* field) {
  if (!fields.has(field)) {
    throw input_error(fields.file() + ": field '" + field + "' is missing; each line is one minimal pair in BLiMP's form");
  }
  std::string text = fields.text(field);
  if (text.find_first_not_of(" \t\r\n") == std::string::npos) fields.fail(field, "a sentence");
  return text;
}

/// A group's name, the same in every line of a file.
void read_group(const model::JsonFields& fields, const char* field, bool first, std::string& group) {
  const std::string found = fields.has(field) ? fields.text(field) : "";
  if (first) group = found;
  if (found != group) {
    throw input_error(fields.file() + ": field '" + field + "': expected '" + group + "' as in the file's first pair, found '" +
                      found + "'; put each paradigm into a file of its own");
  }
}

}  // namespace

PairFiles pair_files(const fs::path& set) {
  std::error_code failed;
  if (fs::is_regular_file(set, failed)) return {set.parent_path(), {set.filename()}};
  std::vector<fs::path> files;
  failed.clear();
  for (auto at = fs::recursive_directory_iterator(set, failed); !failed && at != fs::recursive_directory_iterator();
       at.increment(failed)) {
    if (at->path().extension() == ".jsonl") files.push_back(at->path());
  }
  if (failed) throw input_error(set.string() + ": " + failed.message() + "; check the path and its permissions");
  if (files.empty()) {
    throw input_error(set.string() + ": expected minimal pairs in files *.jsonl, found none; name BLiMP's data directory");
  }
  PairFiles found{files.front().parent_path(), {}};
  const auto outside = [&](const fs::path& file) { return *file.lexically_relative(found.directory).begin() == ".."; };
  while (std::any_of(files.begin(), files.end(), outside)) found.directory = found.directory.parent_path();
  for (const fs::path& file : files) found.names.push_back(file.lexically_relative(found.directory));
  std::sort(found.names.begin(), found.names.end(),
            [](const fs::path& a, const fs::path& b) { return a.string() < b.string(); });
  return found;
}

Paradigm parse_pairs(const std::string& text, const std::string& file, const std::string& name, int max_pairs) {
  Paradigm paradigm;
  paradigm.file = file;
  paradigm.name = name;
  int number = 0;
  for (std::size_t at = 0; at < text.size();) {
    if (max_pairs >= 0 && paradigm.pairs.size() >= static_cast<std::size_t>(max_pairs)) break;
    ++number;
    const std::size_t newline = std::min(text.find('\n', at), text.size());
    const std::string line = text.substr(at, newline - at);
    at = newline + 1;
    if (line.find_first_not_of(" \t\r") == std::string::npos) continue;
    const std::string where = file + ": line " + std::to_string(number);
    if (line.size() > kMaxLine) {
      throw input_error(where + ": expected at most " + std::to_string(kMaxLine) + " bytes, found " +
                        std::to_string(line.size()) + "; each line is one minimal pair");
    }
    const nlohmann::json object = model::parse_json_object(line, where);
    const model::JsonFields fields(object, where);
    const bool first = paradigm.pairs.empty();
    read_group(fields, "field", first, paradigm.field);
    read_group(fields, "linguistics_term", first, paradigm.linguistics_term);
    paradigm.pairs.push_back({sentence(fields, "sentence_good"), sentence(fields, "sentence_bad"), number});
  }
  if (paradigm.pairs.empty()) throw input_error(file + ": expected minimal pairs, found none; is the file complete?");
  return paradigm;
}

}  // namespace squat::evaluate
