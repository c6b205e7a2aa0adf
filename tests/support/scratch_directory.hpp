// SPDX-License-Identifier: Apache-2.0
// A temporary directory in memory where there is such a place, for campaigns that write small files over and over.
#pragma once

#include "tests/support/temporary_directory.hpp"

namespace squat::test {

class ScratchDirectory : public TemporaryDirectory {
 public:
  ScratchDirectory() : TemporaryDirectory(fastest_place()) {}

 private:
  static std::filesystem::path fastest_place() {
    std::error_code ignored;
    const std::filesystem::path memory = "/dev/shm";
    return std::filesystem::is_directory(memory, ignored) ? memory : std::filesystem::temp_directory_path();
  }
};

}  // namespace squat::test
