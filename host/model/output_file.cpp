// SPDX-License-Identifier: Apache-2.0
#include "host/model/output_file.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <mutex>
#include <nlohmann/json.hpp>
#include <system_error>

#include "host/model/error.hpp"
#include "host/model/input_file.hpp"

namespace squat::model {
namespace {

namespace fs = std::filesystem;

Error write_failed(const std::string& what) {
  return input_error(what + ": cannot write: " + std::strerror(errno) + "; check free space and permissions");
}

Error read_failed(const fs::path& what, const std::error_code& failed) {
  return input_error(what.string() + ": cannot read: " + failed.message() + "; check the disk and permissions");
}

/// Makes names that were given in a directory last. Directories that may be written but not read, and file systems that sync
/// none, are left as they are.
void sync_directory(const fs::path& directory) {
  const int descriptor = ::open(directory.c_str(), O_RDONLY | O_CLOEXEC);
  if (descriptor < 0 && errno == EACCES) return;
  const bool synced = descriptor >= 0 && (::fsync(descriptor) == 0 || errno == EINVAL);
  const int reason = errno;
  if (descriptor >= 0) ::close(descriptor);
  errno = reason;
  if (!synced) throw write_failed(directory.string());
}

/// Whether there is a directory with something in it.
bool is_filled(const fs::path& directory) {
  std::error_code failed;
  const bool filled = fs::exists(directory, failed) && !failed && !fs::is_empty(directory, failed);
  if (failed) throw read_failed(directory, failed);
  return filled;
}

/// What squat writes or copies into a model directory.
constexpr std::array<const char*, 7> kModelFiles = {"config.json",    "model.safetensors",     "tokenizer.model",
                                                    "tokenizer.json", "tokenizer_config.json", "generation_config.json",
                                                    "task.json"};

/// Only what squat itself wrote may be replaced, and only by the same kind of model: no downloaded checkpoint, no other folder.
bool is_own_model(const fs::path& directory, ModelKind kind) try {
  for (const fs::directory_entry& entry : fs::directory_iterator(directory)) {
    const std::string name = entry.path().filename().string();
    if (!entry.is_regular_file() || std::find(kModelFiles.begin(), kModelFiles.end(), name) == kModelFiles.end()) return false;
  }
  const fs::path config = directory / "config.json";
  if (!fs::exists(config)) return false;
  const auto json = nlohmann::json::parse(read_small_file(config, 1U << 20), nullptr, false);
  if (!json.is_object()) return false;
  if (kind == ModelKind::kFloat)
    return !json.contains("quantization_config") && json.value(kProducerField, nlohmann::json()) == "squat";
  if (!json.contains("quantization_config")) return false;
  const auto& quantization = json["quantization_config"];
  return quantization.is_object() && quantization.value("quant_method", nlohmann::json()) == "squat";
} catch (const fs::filesystem_error& error) {
  throw read_failed(directory, error.code());
}

/// Staged directories of this process, for remove_staged_directories().
struct Staged {
  std::mutex mutex;
  std::vector<fs::path> paths;
};
Staged& staged() {
  static Staged instance;
  return instance;
}

void forget_staged(const fs::path& path) {
  const std::lock_guard<std::mutex> lock(staged().mutex);
  auto& paths = staged().paths;
  paths.erase(std::remove(paths.begin(), paths.end(), path), paths.end());
}

/// Renames a directory to its final name; what lies there takes the old name in the same step, so a complete directory has the
/// final name at every moment. File systems without that exchange lose it for the moment between two renames.
void put_in_place(const fs::path& staged, const fs::path& target) {
  int renamed = -1;
  if (!is_filled(target)) {
    renamed = ::rename(staged.c_str(), target.c_str());
  } else {
    renamed = ::renameat2(AT_FDCWD, staged.c_str(), AT_FDCWD, target.c_str(), RENAME_EXCHANGE);
    if (renamed != 0 && (errno == EINVAL || errno == ENOSYS)) {
      const std::string aside = staged.string() + ".old";
      renamed = ::rename(target.c_str(), aside.c_str());
      if (renamed == 0) {
        renamed = ::rename(staged.c_str(), target.c_str());
        const int reason = errno;
        ::rename(aside.c_str(), renamed == 0 ? staged.c_str() : target.c_str());
        errno = reason;
      }
    }
  }
  if (renamed != 0) throw write_failed(target.string());
}

fs::path parent_of(const fs::path& path) { return path.has_parent_path() ? path.parent_path() : fs::path("."); }

}  // namespace

OutputFile::OutputFile(const fs::path& target) : target_(target), temporary_(target.string() + ".tmp-XXXXXX") {
  descriptor_ = ::mkstemp(temporary_.data());
  if (descriptor_ < 0) throw write_failed(target_.string());
}

OutputFile::~OutputFile() {
  if (descriptor_ >= 0) ::close(descriptor_);
  if (!temporary_.empty()) ::unlink(temporary_.c_str());
}

void OutputFile::write(const void* data, std::size_t bytes) {
  const auto* in = static_cast<const char*>(data);
  while (bytes > 0) {
    const ssize_t done = ::write(descriptor_, in, bytes);
    if (done < 0 && errno == EINTR) continue;
    if (done < 0) throw write_failed(target_.string());
    in += done;
    bytes -= static_cast<std::size_t>(done);
  }
}

void OutputFile::commit() {
  // mkstemp makes files private to the owner; a model is as readable as any other file.
  if (::fchmod(descriptor_, 0644) != 0 || ::fsync(descriptor_) != 0) throw write_failed(target_.string());
  const int closed = ::close(descriptor_);
  descriptor_ = -1;
  if (closed != 0 || ::rename(temporary_.c_str(), target_.c_str()) != 0) throw write_failed(target_.string());
  temporary_.clear();
  sync_directory(parent_of(target_));
}

void write_text_file(const fs::path& target, std::string_view text) {
  OutputFile file(target);
  file.write(text.data(), text.size());
  file.commit();
}

void copy_small_file(const fs::path& from, const fs::path& to, std::uint64_t limit) {
  write_text_file(to, read_small_file(from, limit));
}

StagedDirectory::StagedDirectory(const fs::path& target, ModelKind kind) {
  std::error_code ignored;
  target_ = fs::absolute(target, ignored).lexically_normal();
  if (!target_.has_filename()) target_ = target_.parent_path();  // "out/" names the directory out
  std::error_code failed;
  const fs::file_status status = fs::status(target_, failed);
  if (status.type() == fs::file_type::none) throw read_failed(target_, failed);
  const bool exists = fs::exists(status);
  // A link to nothing does not count as existing, yet no directory can be renamed onto it.
  if (exists ? !fs::is_directory(status) : fs::is_symlink(target_, ignored)) {
    throw usage_error(target_.string() + ": expected a directory, found " + (exists ? "a file" : "a link to nothing") +
                      "; choose another output directory");
  }
  if (exists && is_filled(target_) && !is_own_model(target_, kind)) {
    throw usage_error(target_.string() + ": holds files that are not " +
                      (kind == ModelKind::kInteger ? "an integer" : "a floating-point") +
                      " model written by squat, and nothing else is replaced; " + "choose another output directory");
  }
  // Missing parents are staged too: before commit() there is nothing but the temporary directory, even after a kill.
  root_ = target_;
  for (fs::path parent = target_.parent_path(); !parent.empty() && !fs::exists(parent, ignored);
       parent = parent.parent_path()) {
    root_ = parent;
  }
  std::string name = root_.string() + ".tmp-XXXXXX";
  if (::mkdtemp(name.data()) == nullptr) throw write_failed(target_.string());
  temporary_ = name;
  ::chmod(name.c_str(), 0755);
  {
    const std::lock_guard<std::mutex> lock(staged().mutex);
    staged().paths.push_back(temporary_);
  }
  staged_ = root_ == target_ ? temporary_ : temporary_ / target_.lexically_relative(root_);
  fs::create_directories(staged_, ignored);  // a failure shows when the first file is written
}

StagedDirectory::~StagedDirectory() {
  if (temporary_.empty()) return;
  std::error_code ignored;
  fs::remove_all(temporary_, ignored);
  forget_staged(temporary_);
}

void StagedDirectory::commit() {
  sync_directory(staged_);
  const bool with_parents = root_ != target_;
  if (!with_parents || ::rename(temporary_.c_str(), root_.c_str()) != 0) {
    std::error_code ignored;
    if (with_parents) fs::create_directories(target_.parent_path(), ignored);  // another process made some of them meanwhile
    put_in_place(staged_, target_);
    fs::remove_all(temporary_, ignored);  // parents, or what was replaced
  }
  sync_directory(root_.parent_path());
  sync_directory(target_.parent_path());
  forget_staged(temporary_);
  temporary_.clear();
}

void remove_staged_directories() {
  const std::lock_guard<std::mutex> lock(staged().mutex);
  std::error_code ignored;
  for (const fs::path& path : staged().paths) fs::remove_all(path, ignored);
}

}  // namespace squat::model
