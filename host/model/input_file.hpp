// SPDX-License-Identifier: Apache-2.0
// Reading files whose bytes nobody vouches for: regular files only, sizes known before anything is allocated.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <string>

namespace squat::model {

/// A regular file opened for reading. Movable, closes itself.
class InputFile {
 public:
  /// Throws input_error when the path cannot be opened or is not a regular file (a pipe would block, a device never end).
  explicit InputFile(const std::filesystem::path& path);
  InputFile(InputFile&& other) noexcept;
  InputFile& operator=(InputFile&&) = delete;
  ~InputFile();

  const std::string& name() const { return name_; }
  /// Bytes in the file when it was opened.
  std::uint64_t size() const { return size_; }
  /// Reads exactly `bytes` bytes at `offset`; throws input_error when the file ends before (it shrank since it was opened).
  void read(std::uint64_t offset, void* destination, std::size_t bytes) const;

 private:
  std::string name_;
  std::uint64_t size_ = 0;
  int descriptor_ = -1;
};

/// The whole file as text; throws input_error when it is longer than `limit` bytes.
std::string read_small_file(const std::filesystem::path& path, std::uint64_t limit);

}  // namespace squat::model
