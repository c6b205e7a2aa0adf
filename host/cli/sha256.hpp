// SPDX-License-Identifier: Apache-2.0
// SHA-256 of bytes, and of integers as little-endian bytes, so that a hash means the same on every machine.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>

namespace squat::cli {

class Sha256 {
 public:
  Sha256();
  ~Sha256();
  Sha256(const Sha256&) = delete;
  Sha256& operator=(const Sha256&) = delete;

  void add(const std::int32_t* values, std::size_t count);
  void add(const std::string& bytes);
  /// 64 lower-case hexadecimal digits; nothing can be added afterwards.
  std::string finish();

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace squat::cli
