// SPDX-License-Identifier: Apache-2.0
// xclbin files as bytes for the tests. Offsets are written out here a second time, from XRT's public xclbin.h, and owe nothing
// to the reader's own layout.
#pragma once

#include <cstdint>
#include <cstring>
#include <random>
#include <string>

#include "host/xclbin/reader.hpp"
#include "host/xclbin/recipe.hpp"
#include "host/xclbin/writer.hpp"
#include "tests/host/support.hpp"

namespace squat::test {

inline xclbin::Xclbin sim_program() {
  return xclbin::from_recipe(std::filesystem::path(SQUAT_SOURCE_DIR) / "bitstreams" / "sim" / "squat.json");
}

/// The simulated device's file without a CRC of itself: here a flipped bit must be seen by the structure alone.
inline std::string plain_bytes() {
  xclbin::Xclbin x = sim_program();
  x.user_metadata = "{}";
  return xclbin::write_xclbin(x);
}

inline xclbin::Xclbin parsed(const std::string& bytes) {
  return xclbin::parse_xclbin("x.xclbin", bytes.size(), [&](std::uint64_t offset, std::size_t count) {
    // Reads beyond the end are the reader's fault, whatever the bytes say.
    if (offset > bytes.size() || count > bytes.size() - offset) throw std::logic_error("read outside the file");
    return bytes.substr(static_cast<std::size_t>(offset), count);
  });
}

/// A number below `below`.
inline std::uint32_t draw(std::mt19937& random, std::uint32_t below) { return static_cast<std::uint32_t>(random() % below); }

/// Little-endian number in place.
inline void poke(std::string& bytes, std::size_t at, std::uint64_t value, std::size_t size) {
  for (std::size_t i = 0; i < size; ++i) bytes.at(at + i) = static_cast<char>(value >> (8 * i));
}

inline std::uint64_t peek(const std::string& bytes, std::size_t at, std::size_t size) {
  std::uint64_t value = 0;
  for (std::size_t i = 0; i < size; ++i) value |= std::uint64_t{static_cast<unsigned char>(bytes.at(at + i))} << (8 * i);
  return value;
}

constexpr std::size_t kLengthAt = 304, kCountAt = 448, kTableAt = 456;

/// The position of the header of the section of `kind`.
inline std::size_t header_of(const std::string& bytes, std::uint32_t kind) {
  for (std::size_t i = 0; i < peek(bytes, kCountAt, 4); ++i) {
    if (peek(bytes, kTableAt + 40 * i, 4) == kind) return kTableAt + 40 * i;
  }
  throw std::logic_error("no such section");
}
inline std::size_t body_of(const std::string& bytes, std::uint32_t kind) {
  return static_cast<std::size_t>(peek(bytes, header_of(bytes, kind) + 24, 8));
}

/// The file with another body for `kind`, put at the end.
inline std::string with_body(std::string bytes, std::uint32_t kind, const std::string& body) {
  bytes.resize((bytes.size() + 7) / 8 * 8);
  const std::size_t header = header_of(bytes, kind);
  poke(bytes, header + 24, bytes.size(), 8);
  poke(bytes, header + 32, body.size(), 8);
  bytes += body;
  poke(bytes, kLengthAt, bytes.size(), 8);
  return bytes;
}

/// Refused with exit code 3, a message that names the file and holds `text`.
inline void check_refused(const std::string& bytes, const std::string& text) {
  const std::string message = input_error_of([&] { parsed(bytes); });
  INFO(message);
  CHECK(message.find("x.xclbin: ") == 0);
  CHECK(message.find(text) != std::string::npos);
  CHECK(message.find("expected") != std::string::npos);
  CHECK(message.find("found") != std::string::npos);
}

}  // namespace squat::test
