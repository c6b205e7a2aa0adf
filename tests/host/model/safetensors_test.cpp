// SPDX-License-Identifier: Apache-2.0
// Hostile and damaged safetensors: every case must end in exit code 3 with a message, never in a crash or a wrong tensor.
#include "host/model/safetensors.hpp"

#include <algorithm>
#include <chrono>
#include <limits>
#include <random>

#include "host/model/input_file.hpp"
#include "tests/host/support.hpp"

namespace squat::model {
namespace {

using test::input_error_of;
using test::TemporaryDirectory;
using test::write_bytes;

std::string file_bytes(const std::string& header, const std::string& data) {
  std::string bytes;
  for (int i = 0; i < 8; ++i) bytes += static_cast<char>(static_cast<std::uint64_t>(header.size()) >> (8 * i));
  return bytes + header + data;
}

const std::string kGood = R"({"__metadata__":{"format":"pt"},"a":{"dtype":"F32","shape":[2,1],"data_offsets":[0,8]},)"
                          R"("b":{"dtype":"I8","shape":[3],"data_offsets":[8,11]}})";
const std::string kData(11, '\x01');

void open(const std::string& bytes) {
  const TemporaryDirectory dir;
  write_bytes(dir.path() / "x.safetensors", bytes);
  const SafetensorsFile file(dir.path() / "x.safetensors");
  for (const TensorInfo& t : file.tensors()) REQUIRE(file.read(t).size() == t.end - t.begin);
}

std::string entry(const std::string& fields) { return R"({"a":{)" + fields + "}}"; }

}  // namespace

TEST_CASE("a valid file is read") {
  const TemporaryDirectory dir;
  write_bytes(dir.path() / "x", file_bytes(kGood, kData));
  const SafetensorsFile file(dir.path() / "x");
  REQUIRE(file.tensors().size() == 2);
  CHECK(file.metadata().at("format") == "pt");
  CHECK(file.find("a")->shape == Shape{2, 1});
  CHECK(file.file_offset(*file.find("b")) == 8 + kGood.size() + 8);
  CHECK(file.read(*file.find("b")) == std::vector<std::uint8_t>(3, 1));
  CHECK(file.find("c") == nullptr);
}

TEST_CASE("malformed headers are refused with a reason") {
  struct Case {
    std::string header;
    std::size_t data;
    std::string reason;
  };
  const std::string ok = R"("dtype":"F32","shape":[1],"data_offsets":[0,4])";
  const std::vector<Case> cases = {
      {"", 0, "first header byte"},
      {" {}", 0, "first header byte"},
      {"[]", 0, "first header byte"},
      {"{", 0, "malformed"},
      {"{} x", 0, "malformed"},
      {"{}", 1, "nothing may follow"},
      {"{\"\xff\":1}", 0, "malformed"},
      {R"({"a":1})", 0, "a number"},
      {R"({"a":null})", 0, "null"},
      {R"({"a":[]})", 0, "an array"},
      {R"({"a":"x"})", 0, "a string"},
      {R"({"":{)" + ok + "}}", 4, "1 to 1024 bytes"},
      {R"({"\u001b[31m":{)" + ok + "}}", 4, "control characters"},
      {R"({"a":{)" + ok + R"(},"a":{)" + ok + "}}", 4, "each name once"},
      {entry(ok + R"(,"dtype":"F32")"), 4, "twice"},
      {entry(ok + R"(,"extra":1)"), 4, "'extra'"},
      {entry(R"("shape":[1],"data_offsets":[0,4])"), 4, "2 of them"},
      {entry(R"("dtype":"F33","shape":[1],"data_offsets":[0,4])"), 4, "known dtype"},
      {entry(R"("dtype":7,"shape":[1],"data_offsets":[0,4])"), 4, "a number"},
      {entry(R"("dtype":["F32"],"shape":[1],"data_offsets":[0,4])"), 4, "an array"},
      {entry(R"("dtype":"F32","shape":1,"data_offsets":[0,4])"), 4, "a number"},
      {entry(R"("dtype":"F32","shape":[-1],"data_offsets":[0,4])"), 4, "a negative number"},
      {entry(R"("dtype":"F32","shape":[1.0],"data_offsets":[0,4])"), 4, "the number 1.0"},
      {entry(R"("dtype":"F32","shape":[18446744073709551616],"data_offsets":[0,4])"), 4, "the number"},
      {entry(R"("dtype":"F32","shape":[[1]],"data_offsets":[0,4])"), 4, "an array"},
      {entry(R"("dtype":"F32","shape":[{}],"data_offsets":[0,4])"), 4, "an object"},
      {entry(R"("dtype":"F32","shape":[0],"data_offsets":[0,0])"), 0, "at least 1"},
      {entry(R"("dtype":"F32","shape":[1,1,1,1,1,1,1,1,1],"data_offsets":[0,4])"), 4, "at most 8 dimensions"},
      {entry(R"("dtype":"F32","shape":[1],"data_offsets":[0])"), 4, "two data_offsets"},
      {entry(R"("dtype":"F32","shape":[1],"data_offsets":[0,4,4])"), 4, "two data_offsets"},
      {entry(R"("dtype":"F32","shape":[1],"data_offsets":[4,0])"), 4, "data starting at byte 0"},
      {entry(R"("dtype":"F32","shape":[1],"data_offsets":[0,18446744073709551615])"), 4, "4 bytes for F32 [1]"},
      {entry(R"("dtype":"F32","shape":[2],"data_offsets":[0,4])"), 4, "8 bytes for F32 [2]"},
      {entry(R"("dtype":"F32","shape":[2],"data_offsets":[0,8])"), 4, "within the section"},
      // Products that wrap to 0, to a small number, and to a negative one.
      {entry(R"("dtype":"F32","shape":[4611686018427387904],"data_offsets":[0,0])"), 0, "below 2^64"},
      {entry(R"("dtype":"I8","shape":[4294967296,4294967296],"data_offsets":[0,0])"), 0, "below 2^64"},
      {entry(R"("dtype":"I8","shape":[4294967297,4294967295],"data_offsets":[0,4])"), 4, "bytes for I8"},
      {R"({"a":{)" + ok + R"(},"b":{)" + ok + "}}", 4, "no overlap"},
      {R"({"a":{)" + ok + R"(},"b":{"dtype":"F32","shape":[1],"data_offsets":[5,9]}})", 9, "no hole"},
      {entry(R"("dtype":"F32","shape":[1],"data_offsets":[4,8])"), 8, "data starting at byte 0"},
      {R"({"__metadata__":{"a":1}})", 0, "a number"},
      {R"({"__metadata__":{"a":{}}})", 0, "an object"},
      {R"({"__metadata__":{"a":true}})", 0, "a boolean"},
      {R"({"__metadata__":{"a":"1","a":"2"}})", 0, "twice"},
      {std::string(100, '{'), 0, "malformed"},
      {R"({"a":)" + std::string(1000, '['), 0, "an array"},
  };
  for (const Case& c : cases) {
    INFO(c.header);
    CHECK_THAT(input_error_of([&] { open(file_bytes(c.header, std::string(c.data, '\0'))); }), Catch::Contains(c.reason));
  }
}

TEST_CASE("header lengths beyond the file or beyond 100 MB are refused before anything is allocated") {
  for (const std::uint64_t length : {std::uint64_t{100}, std::uint64_t{100000001}, std::uint64_t{1} << 63, ~std::uint64_t{0}}) {
    std::string bytes;
    for (int i = 0; i < 8; ++i) bytes += static_cast<char>(length >> (8 * i));
    CHECK_THAT(input_error_of([&] { open(bytes + "{}"); }), Catch::Contains("header length"));
  }
}

TEST_CASE("every truncation is refused") {
  const std::string whole = file_bytes(kGood, kData);
  CHECK_NOTHROW(open(whole));
  for (std::size_t n = 0; n < whole.size(); ++n) input_error_of([&] { open(whole.substr(0, n)); });
}

TEST_CASE("single-bit flips and random bytes never crash") {
  const std::string whole = file_bytes(kGood, kData);
  const auto try_open = [](const std::string& bytes) {
    try {
      open(bytes);
    } catch (const Error& error) {
      CHECK(error.code() == ExitCode::kBadInput);
    }
  };
  for (std::size_t bit = 0; bit < 8 * (8 + kGood.size()); ++bit) {
    std::string bytes = whole;
    bytes[bit / 8] = static_cast<char>(bytes[bit / 8] ^ (1 << (bit % 8)));
    try_open(bytes);
  }
  std::mt19937 random(1);
  for (int i = 0; i < 500; ++i) {
    std::string header = kGood;
    for (int j = 0; j < 4; ++j) header[random() % header.size()] = static_cast<char>(random());
    try_open(file_bytes(header, kData));
  }
}

TEST_CASE("the validator is linear in the number of tensors") {
  const auto milliseconds = [](std::uint64_t tensors) {
    std::string header = "{";
    for (std::uint64_t i = 0; i < tensors; ++i) {
      header += (i ? ",\"t" : "\"t") + std::to_string(i) + R"(":{"dtype":"I8","shape":[1],"data_offsets":[)" +
                std::to_string(i) + "," + std::to_string(i + 1) + "]}";
    }
    header += "}";
    double best = std::numeric_limits<double>::infinity();
    for (int round = 0; round < 5; ++round) {
      const auto start = std::chrono::steady_clock::now();
      CHECK(parse_safetensors_header(header, tensors, "x").tensors.size() == tensors);
      best = std::min(best, std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - start).count());
    }
    return best;
  };
  const double once = milliseconds(10000), four_times = milliseconds(40000);
  std::cout << "validation: 10000 tensors in " << once << " ms, 40000 in " << four_times << " ms" << std::endl;
  CHECK(four_times < 12 * once);  // 16 times if every tensor were compared with every other
}

TEST_CASE("written files are read back and re-written byte for byte") {
  const TemporaryDirectory dir;
  std::mt19937 random(2);
  for (int round = 0; round < 50; ++round) {
    std::vector<TensorData> tensors;
    for (unsigned i = 0; i <= random() % 6; ++i) {
      TensorData t{"t\"" + std::to_string(i), static_cast<Dtype>(random() % 15), {1 + random() % 5, 1 + random() % 7}, {}};
      t.bytes.resize(t.shape[0] * t.shape[1] * dtype_bytes(t.dtype));
      for (auto& b : t.bytes) b = static_cast<std::uint8_t>(random());
      tensors.push_back(t);
    }
    write_safetensors(dir.path() / "a", tensors, {{"k", "v"}});
    const SafetensorsFile file(dir.path() / "a");
    std::vector<TensorData> again;
    for (const TensorInfo& t : file.tensors()) again.push_back({t.name, t.dtype, t.shape, file.read(t)});
    write_safetensors(dir.path() / "b", again, file.metadata());
    REQUIRE(test::read_bytes(dir.path() / "a") == test::read_bytes(dir.path() / "b"));
  }
}

TEST_CASE("things that are not regular files are refused") {
  const TemporaryDirectory dir;
  CHECK_THAT(input_error_of([&] { SafetensorsFile file(dir.path()); }), Catch::Contains("a directory"));
  CHECK_THAT(input_error_of([&] { SafetensorsFile file(dir.path() / "none"); }), Catch::Contains("cannot open"));
  CHECK_THAT(input_error_of([&] { SafetensorsFile file("/dev/zero"); }), Catch::Contains("regular file"));
}

}  // namespace squat::model
