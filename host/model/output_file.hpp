// SPDX-License-Identifier: Apache-2.0
// Writing so that a crash or a full disk never leaves half a file or half a model directory under its final name.
#pragma once

#include <cstddef>
#include <filesystem>
#include <string>
#include <string_view>

namespace squat::model {

/// Writes to a temporary name beside the target; commit() makes it appear under its own name, complete or not at all.
class OutputFile {
 public:
  /// Throws input_error when the directory cannot be written.
  explicit OutputFile(const std::filesystem::path& target);
  OutputFile(const OutputFile&) = delete;
  OutputFile& operator=(const OutputFile&) = delete;
  /// Removes the temporary file unless it was committed.
  ~OutputFile();

  void write(const void* data, std::size_t bytes);
  /// fsync, rename, fsync of the directory.
  void commit();

 private:
  std::filesystem::path target_;
  std::string temporary_;
  int descriptor_ = -1;
};

void write_text_file(const std::filesystem::path& target, std::string_view text);
/// Copies a regular file of at most `limit` bytes.
void copy_small_file(const std::filesystem::path& from, const std::filesystem::path& to, std::uint64_t limit);

/// What a model directory may replace: the same kind, written by squat.
enum class ModelKind { kInteger, kFloat };

/// The field of a floating-point config.json that says squat wrote it.
inline constexpr const char* kProducerField = "producer";

/// A directory built under a temporary name beside its final one and renamed as a whole. Parents that are missing are built
/// and appear with it.
class StagedDirectory {
 public:
  /// An existing target is replaced at commit() only if it is empty or a model of this kind that squat wrote: its config.json
  /// says so and nothing but a model's own files lies beside it. Anything else throws usage_error here, before any work is
  /// done.
  explicit StagedDirectory(const std::filesystem::path& target, ModelKind kind = ModelKind::kInteger);
  StagedDirectory(const StagedDirectory&) = delete;
  StagedDirectory& operator=(const StagedDirectory&) = delete;
  /// Removes the temporary directory unless it was committed.
  ~StagedDirectory();

  /// Where to put the files until commit().
  const std::filesystem::path& path() const { return staged_; }
  /// Throws input_error when the directory cannot get its name.
  void commit();

 private:
  std::filesystem::path target_;
  std::filesystem::path root_;       ///< the target, or the topmost of its missing parents
  std::filesystem::path temporary_;  ///< stands for root_ until commit(); empty afterwards
  std::filesystem::path staged_;     ///< stands for the target, inside temporary_
};

/// Removes every staged directory that is being built; for a process that is about to end on a signal.
void remove_staged_directories();

}  // namespace squat::model
