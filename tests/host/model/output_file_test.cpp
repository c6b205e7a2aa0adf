// SPDX-License-Identifier: Apache-2.0
#include "host/model/output_file.hpp"

#include "tests/host/support.hpp"

namespace squat::model {
namespace {

namespace fs = std::filesystem;

std::size_t entries(const fs::path& dir) { return static_cast<std::size_t>(std::distance(fs::directory_iterator(dir), {})); }

}  // namespace

TEST_CASE("a file appears complete or not at all") {
  const test::TemporaryDirectory dir;
  const fs::path target = dir.path() / "f";
  write_text_file(target, "old");
  {
    OutputFile file(target);
    file.write("half", 4);
  }
  CHECK(test::read_bytes(target) == "old");
  CHECK(entries(dir.path()) == 1);
  write_text_file(target, "new");
  CHECK(test::read_bytes(target) == "new");
  CHECK(entries(dir.path()) == 1);
  test::input_error_of([&] { write_text_file(dir.path() / "none" / "f", "x"); });
}

TEST_CASE("a directory appears as a whole and replaces only model directories") {
  const test::TemporaryDirectory dir;
  const fs::path target = dir.path() / "out";
  const auto build = [&](bool commit, const std::string& extra) {
    StagedDirectory staged(target);
    write_text_file(staged.path() / "config.json", "{}");
    write_text_file(staged.path() / extra, "x");
    if (commit) staged.commit();
  };
  build(false, "a");
  CHECK(entries(dir.path()) == 0);
  build(true, "a");
  CHECK(fs::exists(target / "a"));
  build(false, "b");
  CHECK_FALSE(fs::exists(target / "b"));
  build(true, "b");
  CHECK(fs::exists(target / "b"));
  CHECK_FALSE(fs::exists(target / "a"));
  CHECK(entries(dir.path()) == 1);

  fs::remove(target / "config.json");
  try {
    build(true, "c");
    FAIL("replaced a directory that is not a model");
  } catch (const Error& error) {
    CHECK(error.code() == ExitCode::kUsage);
  }
  CHECK(fs::exists(target / "b"));
}

TEST_CASE("an output directory may end in a slash and may need parents") {
  const test::TemporaryDirectory dir;
  StagedDirectory staged(dir.path() / "deep" / "out" / "");
  write_text_file(staged.path() / "config.json", "{}");
  staged.commit();
  CHECK(fs::exists(dir.path() / "deep" / "out" / "config.json"));
}

}  // namespace squat::model
