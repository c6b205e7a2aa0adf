// SPDX-License-Identifier: Apache-2.0
// Replacing a model directory on file systems that cannot exchange two names: rename() and renameat2() of this program are the
// ones below, which fail as told and else make the system call.
#include <fcntl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <map>
#include <memory>

#include "host/model/output_file.hpp"
#include "tests/host/support.hpp"

namespace {

int exchange_fails_with = 0;  ///< an errno, or 0
/// The call of rename() that fails with EIO, counted from 1; 0: none.
int failing_rename = 0, renames = 0;

int system_rename(const char* from, const char* to, unsigned flags) {
  return static_cast<int>(::syscall(SYS_renameat2, AT_FDCWD, from, AT_FDCWD, to, flags));
}

}  // namespace

extern "C" int renameat2(int, const char* from, int, const char* to, unsigned flags) noexcept {
  errno = exchange_fails_with;
  return exchange_fails_with != 0 ? -1 : system_rename(from, to, flags);
}

extern "C" int rename(const char* from, const char* to) noexcept {
  errno = EIO;
  return ++renames == failing_rename ? -1 : system_rename(from, to, 0);
}

namespace squat::model {
namespace {

namespace fs = std::filesystem;

struct Faults {
  Faults(int exchange, int rename) {
    exchange_fails_with = exchange;
    failing_rename = rename;
    renames = 0;
  }
  ~Faults() { exchange_fails_with = failing_rename = 0; }
};

/// Every file below a directory with its bytes.
std::map<std::string, std::string> contents(const fs::path& directory) {
  std::map<std::string, std::string> files;
  for (const auto& entry : fs::recursive_directory_iterator(directory)) {
    if (entry.is_regular_file()) files[entry.path().lexically_relative(directory).string()] = test::read_bytes(entry.path());
  }
  return files;
}

constexpr const char* kConfig = R"({"quantization_config": {"quant_method": "squat"}})";
const std::map<std::string, std::string> kOld = {{"out/config.json", kConfig}, {"out/model.safetensors", "old"}};
const std::map<std::string, std::string> kNew = {{"out/config.json", kConfig}, {"out/model.safetensors", "new"}};

/// Replaces the old directory; the renames of its files are not counted as faults. The message of the error, empty without.
std::string replace(const fs::path& dir, int exchange, int rename) {
  const auto staged_with = [&](const char* weights) {
    auto staged = std::make_unique<StagedDirectory>(dir / "out");
    write_text_file(staged->path() / "config.json", kConfig);
    write_text_file(staged->path() / "model.safetensors", weights);
    return staged;
  };
  staged_with("old")->commit();
  REQUIRE(contents(dir) == kOld);
  const auto staged = staged_with("new");
  const Faults faults(exchange, rename);
  try {
    staged->commit();
    return {};
  } catch (const Error& error) {
    CHECK(error.code() == ExitCode::kBadInput);
    return error.what();
  }
}

}  // namespace

TEST_CASE("without an exchange of names a model is replaced in two steps") {
  for (const int reason : {EINVAL, ENOSYS}) {
    const test::TemporaryDirectory dir;
    CHECK(replace(dir.path(), reason, 0).empty());
    CHECK(renames == 3);
    CHECK(contents(dir.path()) == kNew);
  }
}

TEST_CASE("a replacement that fails leaves the old model under its name and nothing else") {
  const auto fails = [](int exchange, int rename, const std::string& reason) {
    const test::TemporaryDirectory dir;
    CHECK(replace(dir.path(), exchange, rename) ==
          (dir.path() / "out").string() + ": cannot write: " + reason + "; check free space and permissions");
    CHECK(contents(dir.path()) == kOld);
  };
  fails(EIO, 0, "Input/output error");     // no reason to try it in two steps
  fails(EINVAL, 1, "Input/output error");  // the old one cannot be put aside
  fails(EINVAL, 2, "Input/output error");  // the new one cannot take its place
}

}  // namespace squat::model
