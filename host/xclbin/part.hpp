// SPDX-License-Identifier: Apache-2.0
// Bytes of a file with the place they came from: every read is checked, every complaint says where.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>

#include "host/model/error.hpp"
#include "host/model/float_bytes.hpp"

namespace squat::xclbin {

/// Throws the input_error of a field: file, field, byte offset, expected, found.
[[noreturn]] inline void refuse(const std::string& file, const std::string& field, std::uint64_t at,
                                const std::string& expected, const std::string& found) {
  throw input_error(file + ": " + field + " at byte " + std::to_string(at) + ": expected " + expected + ", found " + found +
                    "; the file is damaged or no device program: copy or build it again");
}

class Part {
 public:
  /// `name` is put before field names: "header", "section 2 (CONNECTIVITY)".
  Part(std::string file, std::string name, std::uint64_t offset, std::string bytes)
      : file_(std::move(file)), name_(std::move(name)), offset_(offset), bytes_(std::move(bytes)) {}

  const std::string& bytes() const { return bytes_; }
  std::uint64_t offset() const { return offset_; }
  const std::string& file() const { return file_; }
  const std::string& name() const { return name_; }

  [[noreturn]] void refuse(std::size_t at, const std::string& field, const std::string& expected,
                           const std::string& found) const {
    xclbin::refuse(file_, name_ + ", " + field, offset_ + at, expected, found);
  }

  /// A little-endian number. `at` must lie within the part: callers check sizes first.
  template <typename UInt>
  UInt number(std::size_t at) const {
    if (at > bytes_.size() || bytes_.size() - at < sizeof(UInt))
      refuse(at, "number", std::to_string(sizeof(UInt)) + " bytes", "the end of the part");
    return model::load_le<UInt>(reinterpret_cast<const std::uint8_t*>(bytes_.data()) + at);
  }

  /// A text of printable ASCII that ends with a 0 within `size` bytes.
  std::string text(std::size_t at, std::size_t size, const std::string& field) const {
    if (at > bytes_.size() || bytes_.size() - at < size)
      refuse(at, field, std::to_string(size) + " bytes", "the end of the part");
    const std::size_t end = bytes_.find('\0', at);
    if (end == std::string::npos || end - at >= size)
      refuse(at, field, "a text with a 0 at its end within " + std::to_string(size) + " bytes", "none");
    for (std::size_t i = at; i < end; ++i) {
      if (bytes_[i] < ' ' || bytes_[i] > '~')
        refuse(i, field, "printable ASCII", "byte " + std::to_string(static_cast<unsigned char>(bytes_[i])));
    }
    return bytes_.substr(at, end - at);
  }

 private:
  std::string file_, name_;
  std::uint64_t offset_;
  std::string bytes_;
};

}  // namespace squat::xclbin
