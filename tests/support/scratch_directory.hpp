// SPDX-License-Identifier: Apache-2.0
// A directory in memory where there is one, gone with the object.
#pragma once

#include <cstdlib>
#include <filesystem>
#include <stdexcept>
#include <string>

namespace squat::test {

class ScratchDirectory {
 public:
  ScratchDirectory() {
    std::error_code none;
    const bool memory = std::filesystem::is_directory("/dev/shm", none);
    std::string name = (memory ? std::filesystem::path("/dev/shm") : std::filesystem::temp_directory_path()) / "squat-XXXXXX";
    if (::mkdtemp(name.data()) == nullptr) throw std::runtime_error("no room for a scratch directory");
    path_ = name;
  }
  ScratchDirectory(const ScratchDirectory&) = delete;
  ScratchDirectory& operator=(const ScratchDirectory&) = delete;
  ~ScratchDirectory() {
    std::error_code none;
    std::filesystem::remove_all(path_, none);
  }
  const std::filesystem::path& path() const { return path_; }

 private:
  std::filesystem::path path_;
};

}  // namespace squat::test
