// SPDX-License-Identifier: Apache-2.0
// The directory a run works in, held by one process at a time.
#pragma once

#include <filesystem>

namespace squat::qat {

class RunDirectory {
 public:
  /// Creates the directory and locks it. Throws input_error when it cannot be created, usage_error when another process
  /// trains in it. The lock ends with the process, however it ends.
  explicit RunDirectory(const std::filesystem::path& path);
  RunDirectory(const RunDirectory&) = delete;
  RunDirectory& operator=(const RunDirectory&) = delete;
  ~RunDirectory();

  const std::filesystem::path& path() const { return path_; }
  std::filesystem::path checkpoints() const { return path_ / "checkpoints"; }

 private:
  std::filesystem::path path_;
  int descriptor_ = -1;
};

}  // namespace squat::qat
