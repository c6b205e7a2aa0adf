// SPDX-License-Identifier: Apache-2.0
#include "qat/train/run_directory.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "host/model/error.hpp"

namespace squat::qat {

RunDirectory::RunDirectory(const std::filesystem::path& path) : path_(path) {
  std::error_code failed;
  std::filesystem::create_directories(path_, failed);
  const std::string lock = (path_ / "lock").string();
  descriptor_ = failed ? -1 : ::open(lock.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0644);
  if (descriptor_ < 0) {
    throw input_error(path_.string() + ": cannot write: " + (failed ? failed.message() : std::strerror(errno)) +
                      "; choose another output directory");
  }
  if (::flock(descriptor_, LOCK_EX | LOCK_NB) != 0) {
    const int reason = errno;
    ::close(descriptor_);
    if (reason != EWOULDBLOCK) {
      throw input_error(lock + ": cannot lock: " + std::strerror(reason) + "; choose an output directory on another disk");
    }
    throw usage_error(path_.string() + ": another process is training in this directory; wait for it or choose another one");
  }
}

RunDirectory::~RunDirectory() { ::close(descriptor_); }

}  // namespace squat::qat
