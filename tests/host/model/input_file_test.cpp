// SPDX-License-Identifier: Apache-2.0
#include "host/model/input_file.hpp"

#include "tests/host/support.hpp"

namespace squat::model {
namespace {

using test::input_error_of;
using test::TemporaryDirectory;
using test::write_bytes;

}  // namespace

TEST_CASE("a small file that is large is not read") {
  const TemporaryDirectory dir;
  write_bytes(dir.path() / "f", "123456");
  CHECK(read_small_file(dir.path() / "f", 6) == "123456");
  CHECK_THAT(input_error_of([&] { read_small_file(dir.path() / "f", 5); }), Catch::Contains("at most 5 bytes, found 6"));
}

TEST_CASE("a file that shrinks while it is read is an error that says where it ends") {
  const TemporaryDirectory dir;
  const std::filesystem::path path = dir.path() / "f";
  write_bytes(path, "123456");
  const InputFile file(path);
  std::filesystem::resize_file(path, 4);
  CHECK(file.size() == 6);
  char bytes[6];
  CHECK(input_error_of([&] { file.read(1, bytes, 5); }) ==
        path.string() + ": file ends at byte 4, expected 2 more bytes; copy or download it again");
}

TEST_CASE("an I/O error while reading names the file, the byte and the reason") {
  // The first page of this process, which is a file of its own, is mapped nowhere.
  const InputFile file("/proc/self/mem");
  char byte;
  CHECK(input_error_of([&] { file.read(0, &byte, 1); }) == "/proc/self/mem: cannot read at byte 0: Input/output error");
}

}  // namespace squat::model
