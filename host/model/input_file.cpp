// SPDX-License-Identifier: Apache-2.0
#include "host/model/input_file.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "host/model/error.hpp"

namespace squat::model {

InputFile::InputFile(const std::filesystem::path& path) : name_(path.string()) {
  // O_NONBLOCK: opening a pipe without a writer must fail the type check below instead of waiting for ever.
  descriptor_ = ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  if (descriptor_ < 0)
    throw input_error(name_ + ": cannot open: " + std::strerror(errno) + "; check the path and its permissions");
  struct stat info {};
  const bool known = ::fstat(descriptor_, &info) == 0;
  if (!known || !S_ISREG(info.st_mode)) {
    ::close(descriptor_);
    throw input_error(name_ + ": expected a regular file, found " +
                      (known && S_ISDIR(info.st_mode) ? "a directory" : "something else") + "; check the path");
  }
  size_ = static_cast<std::uint64_t>(info.st_size);
}

InputFile::InputFile(InputFile&& other) noexcept
    : name_(std::move(other.name_)), size_(other.size_), descriptor_(other.descriptor_) {
  other.descriptor_ = -1;
}

InputFile::~InputFile() {
  if (descriptor_ >= 0) ::close(descriptor_);
}

void InputFile::read(std::uint64_t offset, void* destination, std::size_t bytes) const {
  constexpr std::size_t kAtOnce = std::size_t{1} << 30;  // one system call moves less than 2 GiB
  auto* out = static_cast<char*>(destination);
  std::size_t done = 0;
  while (done < bytes) {
    const ssize_t got = ::pread(descriptor_, out + done, std::min(bytes - done, kAtOnce), static_cast<off_t>(offset + done));
    if (got < 0 && errno == EINTR) continue;
    if (got < 0)
      throw input_error(name_ + ": cannot read at byte " + std::to_string(offset + done) + ": " + std::strerror(errno));
    if (got == 0) {
      throw input_error(name_ + ": file ends at byte " + std::to_string(offset + done) + ", expected " +
                        std::to_string(bytes - done) + " more bytes; copy or download it again");
    }
    done += static_cast<std::size_t>(got);
  }
}

std::string read_small_file(const std::filesystem::path& path, std::uint64_t limit) {
  const InputFile file(path);
  if (file.size() > limit) {
    throw input_error(file.name() + ": expected at most " + std::to_string(limit) + " bytes, found " +
                      std::to_string(file.size()) + "; this is not the file it should be");
  }
  std::string text(static_cast<std::size_t>(file.size()), '\0');
  file.read(0, text.data(), text.size());
  return text;
}

}  // namespace squat::model
