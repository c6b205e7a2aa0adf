// SPDX-License-Identifier: Apache-2.0
// The header is parsed as events, never as a document: memory stays proportional to the header, and nothing is skipped.
#include <algorithm>
#include <cctype>
#include <nlohmann/json.hpp>
#include <unordered_set>

#include "host/model/error.hpp"
#include "host/model/safetensors.hpp"

namespace squat::model {
namespace {

constexpr std::size_t kMaxTensors = 100000;
constexpr std::size_t kMaxRank = 8;
constexpr std::size_t kMaxName = 1024;

/// Receives the events of the header: {"name": {"dtype": .., "shape": [..], "data_offsets": [begin, end]}, "__metadata__":
/// {..}}.
class HeaderEvents : public nlohmann::json_sax<nlohmann::json> {
 public:
  HeaderEvents(SafetensorsHeader& header, const std::string& file) : header_(header), file_(file) {}

  bool null() override { return unexpected("null"); }
  bool boolean(bool) override { return unexpected("a boolean"); }
  bool number_integer(number_integer_t) override { return unexpected("a negative number"); }
  bool number_float(number_float_t, const string_t& text) override { return unexpected("the number " + text); }
  bool binary(binary_t&) override { return unexpected("binary data"); }

  bool number_unsigned(number_unsigned_t value) override {
    if (!in_array_) return unexpected("a number");
    if (field_ == "shape") {
      if (tensor_.shape.size() == kMaxRank) fail("at most 8 dimensions", "more");
      if (value == 0) fail("dimensions of at least 1", "0");
      tensor_.shape.push_back(value);
    } else {
      if (offsets_ == 2) fail("two data_offsets", "more");
      (offsets_++ == 0 ? tensor_.begin : tensor_.end) = value;
    }
    return true;
  }

  bool string(string_t& value) override {
    if (depth_ == 2 && in_metadata_) {
      header_.metadata[field_] = value;
      return true;
    }
    if (depth_ != 2 || in_array_ || field_ != "dtype") return unexpected("a string");
    const std::optional<Dtype> dtype = parse_dtype(value);
    if (!dtype) fail("a known dtype (F32, F16, BF16, I8, ...)", "'" + value.substr(0, 32) + "'");
    tensor_.dtype = *dtype;
    return true;
  }

  bool start_object(std::size_t) override {
    if (in_array_ || (depth_ == 2)) return unexpected("an object");
    if (++depth_ == 2) {
      in_metadata_ = name_ == "__metadata__";
      seen_fields_.clear();
      tensor_ = TensorInfo{};
      tensor_.name = name_;
      offsets_ = 0;
    }
    return true;
  }

  bool key(string_t& value) override {
    if (depth_ == 1) {
      name_ = value.substr(0, kMaxName);
      field_.clear();
      if (value.empty() || value.size() > kMaxName) fail("tensor names of 1 to 1024 bytes", std::to_string(value.size()));
      if (std::any_of(value.begin(), value.end(), [](char c) { return (c >= 0 && c < 32) || c == 127; })) {
        name_ = "(name with control characters)";  // it would be printed on a terminal
        fail("printable names", "control characters");
      }
      if (!names_.insert(value).second) fail("each name once", "a second entry");
      if (names_.size() > kMaxTensors) fail("at most 100000 tensors", "more");
      return true;
    }
    field_ = value;
    if (!seen_fields_.insert(value).second) fail("each field once", "'" + value.substr(0, 32) + "' twice");
    if (!in_metadata_ && value != "dtype" && value != "shape" && value != "data_offsets") {
      fail("the fields dtype, shape and data_offsets", "'" + value.substr(0, 32) + "'");
    }
    return true;
  }

  bool end_object() override {
    if (depth_-- == 2 && !in_metadata_) {
      if (seen_fields_.size() != 3)
        fail("the fields dtype, shape and data_offsets", std::to_string(seen_fields_.size()) + " of them");
      if (offsets_ != 2) fail("two data_offsets", std::to_string(offsets_));
      header_.tensors.push_back(std::move(tensor_));
    }
    return true;
  }

  bool start_array(std::size_t) override {
    if (depth_ != 2 || in_metadata_ || in_array_ || field_ == "dtype") return unexpected("an array");
    in_array_ = true;
    return true;
  }

  bool end_array() override {
    in_array_ = false;
    return true;
  }

  bool parse_error(std::size_t position, const std::string&, const nlohmann::json::exception& error) override {
    throw input_error(file_ + ": malformed header JSON at byte " + std::to_string(8 + position) + " (" + error.what() +
                      "); copy or download it again");
  }

 private:
  bool unexpected(const std::string& what) const { fail("the safetensors header layout", what); }

  [[noreturn]] void fail(const std::string& expected, const std::string& found) const {
    throw input_error(file_ + ": header entry '" + name_ + "'" +
                      (field_.empty() ? "" : ", field '" + field_.substr(0, 32) + "'") + ": expected " + expected + ", found " +
                      found + "; write the file again with the safetensors library");
  }

  SafetensorsHeader& header_;
  const std::string& file_;
  std::unordered_set<std::string> names_;
  std::unordered_set<std::string> seen_fields_;
  TensorInfo tensor_;
  std::string name_ = "(the header)";
  std::string field_;
  int depth_ = 0;
  int offsets_ = 0;
  bool in_array_ = false;
  bool in_metadata_ = false;
};

/// Sizes, and that the tensors tile the data section exactly. Every sum and product is checked before it can wrap.
void check_layout(std::vector<TensorInfo>& tensors, std::uint64_t data_bytes, const std::string& file) {
  std::stable_sort(tensors.begin(), tensors.end(), [](const TensorInfo& a, const TensorInfo& b) { return a.begin < b.begin; });
  std::uint64_t next = 0;
  for (const TensorInfo& t : tensors) {
    const auto fail = [&](const std::string& expected, const std::string& found) {
      return input_error(file + ": tensor '" + t.name + "' at data byte " + std::to_string(t.begin) + ": expected " + expected +
                         ", found " + found + "; the file is damaged or was cut short: copy or download it again");
    };
    std::uint64_t bytes = dtype_bytes(t.dtype);
    for (const std::uint64_t dimension : t.shape) {
      if (__builtin_mul_overflow(bytes, dimension, &bytes))
        throw fail("a size below 2^64 bytes", "shape " + shape_text(t.shape));
    }
    if (t.begin != next)
      throw fail("data starting at byte " + std::to_string(next) + " (no overlap, no hole)", std::to_string(t.begin));
    if (t.end < t.begin || t.end - t.begin != bytes) {
      throw fail(std::to_string(bytes) + " bytes for " + dtype_name(t.dtype) + " " + shape_text(t.shape),
                 "data_offsets [" + std::to_string(t.begin) + ", " + std::to_string(t.end) + "]");
    }
    if (t.end > data_bytes)
      throw fail("data within the section's " + std::to_string(data_bytes) + " bytes", "an end at " + std::to_string(t.end));
    next = t.end;
  }
  if (next != data_bytes) {
    throw input_error(file + ": the tensors end at data byte " + std::to_string(next) + ", expected " +
                      std::to_string(data_bytes) + " (the end of the file); nothing may follow the last tensor");
  }
}

}  // namespace

SafetensorsHeader parse_safetensors_header(std::string_view json, std::uint64_t data_bytes, const std::string& file) {
  if (json.empty() || json.front() != '{') {
    throw input_error(file + ": byte 8: expected '{' as the first header byte; this is not a safetensors file");
  }
  SafetensorsHeader header;
  HeaderEvents events(header, file);
  nlohmann::json::sax_parse(json.begin(), json.end(), &events);
  check_layout(header.tensors, data_bytes, file);
  return header;
}

}  // namespace squat::model
