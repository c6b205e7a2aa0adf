// SPDX-License-Identifier: Apache-2.0
// JSON from untrusted files: duplicate keys and deep nesting are errors, and every field is read with its range.
#pragma once

#include <cstdint>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <string>

namespace squat::model {

/// Parses an object. Throws input_error naming `file` and the byte offset for malformed text, duplicate keys
/// (parsers disagree on which one wins) and nesting deeper than 32.
nlohmann::json parse_json_object(const std::string& text, const std::string& file);

/// Reads and parses a file of at most 4 MiB.
nlohmann::json read_json_object(const std::filesystem::path& path);

/// Typed access to the fields of one object; every error names file, field, expected and found.
class JsonFields {
 public:
  /// `prefix` is put before field names in messages, for example "quantization_config.". Both references must outlive this.
  JsonFields(const nlohmann::json& object, std::string file, std::string prefix = "");

  /// Present and not null.
  bool has(const char* field) const;
  std::int64_t integer(const char* field, std::int64_t lo, std::int64_t hi) const;
  std::int64_t integer_or(const char* field, std::int64_t lo, std::int64_t hi, std::int64_t otherwise) const;
  /// Finite and in [lo, hi].
  double real(const char* field, double lo, double hi) const;
  double real_or(const char* field, double lo, double hi, double otherwise) const;
  bool boolean_or(const char* field, bool otherwise) const;
  std::string text(const char* field) const;
  const nlohmann::json& at(const char* field) const;

  /// Throws the error of a field that holds something else than expected.
  [[noreturn]] void fail(const char* field, const std::string& expected) const;
  const std::string& file() const { return file_; }

 private:
  const nlohmann::json& object_;
  std::string file_;
  std::string prefix_;
};

}  // namespace squat::model
