// SPDX-License-Identifier: Apache-2.0
#include "host/model/output_file.hpp"

#include <sys/resource.h>

#include <csignal>

#include "tests/host/support.hpp"

namespace squat::model {
namespace {

namespace fs = std::filesystem;

std::size_t entries(const fs::path& dir) { return static_cast<std::size_t>(std::distance(fs::directory_iterator(dir), {})); }

/// No file of this process grows beyond `bytes`: writing ends as on a full disk.
class FileSizeLimit {
 public:
  explicit FileSizeLimit(rlim_t bytes) : handler_(std::signal(SIGXFSZ, SIG_IGN)) {
    REQUIRE(::getrlimit(RLIMIT_FSIZE, &before_) == 0);
    const rlimit now{bytes, before_.rlim_max};
    REQUIRE(::setrlimit(RLIMIT_FSIZE, &now) == 0);
  }
  FileSizeLimit(const FileSizeLimit&) = delete;
  FileSizeLimit& operator=(const FileSizeLimit&) = delete;
  ~FileSizeLimit() {
    ::setrlimit(RLIMIT_FSIZE, &before_);
    std::signal(SIGXFSZ, handler_);
  }

 private:
  void (*handler_)(int);
  rlimit before_{};
};

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

TEST_CASE("a directory appears as a whole and replaces only integer models") {
  const test::TemporaryDirectory dir;
  const fs::path target = dir.path() / "out";
  const std::string squat_config = R"({"quantization_config": {"quant_method": "squat"}})";
  const auto build = [&](bool commit, const std::string& weights, const std::string& config) {
    StagedDirectory staged(target);
    write_text_file(staged.path() / "config.json", config);
    write_text_file(staged.path() / "model.safetensors", weights);
    if (commit) staged.commit();
  };
  const auto refuses = [&](const std::string& what) {
    INFO(what);
    try {
      build(true, "new", squat_config);
      FAIL("replaced it");
    } catch (const Error& error) {
      CHECK(error.code() == ExitCode::kUsage);
    }
    CHECK(test::read_bytes(target / "model.safetensors") != "new");
    CHECK(entries(dir.path()) == 1);
  };
  build(false, "a", squat_config);
  CHECK(entries(dir.path()) == 0);
  build(true, "a", squat_config);
  build(false, "b", squat_config);
  CHECK(test::read_bytes(target / "model.safetensors") == "a");
  build(true, "b", squat_config);
  CHECK(test::read_bytes(target / "model.safetensors") == "b");
  CHECK(entries(dir.path()) == 1);

  write_text_file(target / "thesis.txt", "precious");
  refuses("a file that is not a model's");
  CHECK(test::read_bytes(target / "thesis.txt") == "precious");
  fs::remove(target / "thesis.txt");
  fs::create_directory(target / "sub");
  refuses("a folder inside");
  fs::remove(target / "sub");
  write_text_file(target / "config.json", R"({"model_type": "llama"})");
  refuses("a floating-point checkpoint");
  write_text_file(target / "config.json", R"({"model_type": "llama", "producer": "squat"})");
  refuses("a floating-point model of squat's under an integer one");
  { const StagedDirectory same_kind(target, ModelKind::kFloat); }
  write_text_file(target / "config.json", "not json");
  refuses("a config.json that is not JSON");
  fs::remove(target / "config.json");
  refuses("no config.json");
}

TEST_CASE("missing parents appear with the directory, never before it") {
  const test::TemporaryDirectory dir;
  const fs::path target = dir.path() / "new" / "deep" / "out";
  {
    const StagedDirectory staged(target);
    write_text_file(staged.path() / "config.json", "{}");
    CHECK_FALSE(fs::exists(dir.path() / "new"));  // what a kill would leave
    CHECK(entries(dir.path()) == 1);
  }
  CHECK(entries(dir.path()) == 0);
  StagedDirectory staged(target);
  write_text_file(staged.path() / "config.json", "{}");
  SECTION("alone") {
    staged.commit();
    CHECK(entries(dir.path() / "new" / "deep") == 1);
  }
  SECTION("another process has made the same parent meanwhile") {
    fs::create_directories(dir.path() / "new" / "other");
    staged.commit();
    CHECK(entries(dir.path() / "new") == 2);
  }
  CHECK(test::read_bytes(target / "config.json") == "{}");
  CHECK(entries(dir.path()) == 1);
}

TEST_CASE("a directory that cannot be looked through is not replaced") {
  const test::TemporaryDirectory dir;
  fs::create_directory(dir.path() / "out");
  fs::create_symlink("config.json", dir.path() / "out" / "config.json");  // to itself
  CHECK(test::input_error_of([&] { StagedDirectory(dir.path() / "out"); }) ==
        (dir.path() / "out").string() + ": cannot read: Too many levels of symbolic links; check the disk and permissions");
  CHECK(fs::is_symlink(dir.path() / "out" / "config.json"));
}

TEST_CASE("a file in the place of the directory, or a link to nothing, is a usage error") {
  const test::TemporaryDirectory dir;
  const fs::path target = dir.path() / "out";
  const auto refused = [&] {
    try {
      const StagedDirectory staged(target);
    } catch (const Error& error) {
      CHECK(error.code() == ExitCode::kUsage);
      return std::string(error.what());
    }
    return std::string("taken");
  };
  write_text_file(target, "precious");
  CHECK(refused() == target.string() + ": expected a directory, found a file; choose another output directory");
  CHECK(test::read_bytes(target) == "precious");
  fs::remove(target);
  fs::create_symlink(dir.path() / "nothing", target);
  CHECK(refused() == target.string() + ": expected a directory, found a link to nothing; choose another output directory");
}

TEST_CASE("a full disk leaves the file that was there") {
  const test::TemporaryDirectory dir;
  const fs::path target = dir.path() / "f";
  write_text_file(target, "old");
  const std::string large(1 << 16, 'x');
  std::string message;
  {
    const FileSizeLimit limit(1 << 14);
    message = test::input_error_of([&] { write_text_file(target, large); });
  }
  CHECK(message == target.string() + ": cannot write: File too large; check free space and permissions");
  CHECK(test::read_bytes(target) == "old");
  CHECK(entries(dir.path()) == 1);
}

TEST_CASE("every file that squat copies into a model directory may be replaced") {
  const test::TemporaryDirectory dir;
  for (int round = 0; round < 2; ++round) {
    StagedDirectory staged(dir.path() / "out");
    write_text_file(staged.path() / "config.json", R"({"quantization_config": {"quant_method": "squat"}})");
    for (const char* name : {"model.safetensors", "tokenizer.json", "tokenizer_config.json", "generation_config.json"}) {
      write_text_file(staged.path() / name, "{}");
    }
    staged.commit();
  }
  CHECK(entries(dir.path()) == 1);
}

TEST_CASE("a process that ends on a signal can sweep what it was building") {
  const test::TemporaryDirectory dir;
  const StagedDirectory staged(dir.path() / "out");
  write_text_file(staged.path() / "config.json", "{}");
  remove_staged_directories();
  CHECK(entries(dir.path()) == 0);
}

TEST_CASE("an output directory may end in a slash and may need parents") {
  const test::TemporaryDirectory dir;
  StagedDirectory staged(dir.path() / "deep" / "out" / "");
  write_text_file(staged.path() / "config.json", "{}");
  staged.commit();
  CHECK(fs::exists(dir.path() / "deep" / "out" / "config.json"));
}

}  // namespace squat::model
