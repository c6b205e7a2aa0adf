// SPDX-License-Identifier: Apache-2.0
#include "host/model/output_file.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <system_error>

#include "host/model/error.hpp"
#include "host/model/input_file.hpp"

namespace squat::model {
namespace {

namespace fs = std::filesystem;

Error write_failed(const std::string& what) {
  return input_error(what + ": cannot write: " + std::strerror(errno) + "; check free space and permissions");
}

void sync_directory(const fs::path& directory) {
  const int descriptor = ::open(directory.c_str(), O_RDONLY | O_CLOEXEC);
  if (descriptor < 0) return;  // some file systems refuse; the rename itself has happened
  ::fsync(descriptor);
  ::close(descriptor);
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

StagedDirectory::StagedDirectory(const fs::path& target) {
  std::error_code ignored;
  target_ = fs::absolute(target, ignored).lexically_normal();
  if (!target_.has_filename()) target_ = target_.parent_path();  // "out/" names the directory out
  const bool exists = fs::exists(target_, ignored);
  if (exists && !fs::is_directory(target_, ignored)) {
    throw usage_error(target_.string() + ": expected a directory, found a file; choose another output directory");
  }
  if (exists && !fs::is_empty(target_, ignored) && !fs::exists(target_ / "config.json", ignored)) {
    throw usage_error(target_.string() + ": holds files but no config.json, so it is not a model directory to replace; " +
                      "choose another output directory");
  }
  fs::create_directories(target_.parent_path(), ignored);
  std::string name = target_.string() + ".tmp-XXXXXX";
  if (::mkdtemp(name.data()) == nullptr) throw write_failed(target_.string());
  temporary_ = name;
  ::chmod(name.c_str(), 0755);
}

StagedDirectory::~StagedDirectory() {
  std::error_code ignored;
  if (!temporary_.empty()) fs::remove_all(temporary_, ignored);
}

void StagedDirectory::commit() {
  sync_directory(temporary_);
  // rename() replaces an empty directory but not a full one: a full one steps aside first.
  std::string aside;
  if (fs::exists(target_) && !fs::is_empty(target_)) {
    aside = target_.string() + ".old-XXXXXX";
    if (::mkdtemp(aside.data()) == nullptr || ::rename(target_.c_str(), aside.c_str()) != 0)
      throw write_failed(target_.string());
  }
  if (::rename(temporary_.c_str(), target_.c_str()) != 0) {
    const Error failure = write_failed(target_.string());
    if (!aside.empty()) ::rename(aside.c_str(), target_.c_str());
    throw failure;
  }
  temporary_.clear();
  sync_directory(target_.parent_path());
  std::error_code ignored;
  if (!aside.empty()) fs::remove_all(aside, ignored);
}

}  // namespace squat::model
