// SPDX-License-Identifier: Apache-2.0
// Every truncation and every flipped bit of the simulated device's xclbin.
#include <random>
#include <set>

#include "tests/host/xclbin/xclbin_bytes.hpp"

using namespace squat;
using namespace squat::test;

namespace {

/// Reads; false for a clean refusal. Anything but an Error with exit code 3 fails the test.
bool accepted(const std::string& bytes) {
  try {
    parsed(bytes);
    return true;
  } catch (const Error& error) {
    REQUIRE(error.code() == ExitCode::kBadInput);
    REQUIRE(std::string(error.what()).rfind("x.xclbin: ", 0) == 0);
    return false;
  }
}

}  // namespace

TEST_CASE("no prefix of an xclbin is one") {
  for (const std::string& bytes : {xclbin::write_xclbin(sim_program()), plain_bytes()}) {
    REQUIRE(accepted(bytes));
    for (std::size_t size = 0; size < bytes.size(); ++size) {
      INFO(size << " of " << bytes.size() << " bytes");
      REQUIRE_FALSE(accepted(bytes.substr(0, size)));
    }
    REQUIRE_FALSE(accepted(bytes + '\0'));
  }
}

TEST_CASE("no single bit of a file with a CRC of itself can flip unseen") {
  std::string bytes = xclbin::write_xclbin(sim_program());
  for (std::size_t at = 0; at < bytes.size(); ++at) {
    for (int bit = 0; bit < 8; ++bit) {
      bytes[at] = static_cast<char>(bytes[at] ^ (1 << bit));
      INFO("byte " << at << ", bit " << bit);
      REQUIRE_FALSE(accepted(bytes));
      bytes[at] = static_cast<char>(bytes[at] ^ (1 << bit));
    }
  }
}

TEST_CASE("without a CRC every header bit that means something is seen") {
  std::string bytes = plain_bytes();
  // What may hold anything: reserved and key block, unique id, timestamps, version, action mask, ROM and file UUID, the debug
  // file's name, padding; the platform name (a text), and the mode where another one is as good.
  const auto free_header_byte = [](std::size_t at) {
    return (at >= 12 && at < 304) || (at >= 312 && at < 332) || (at >= 334 && at < 448) || (at >= 452 && at < 456);
  };
  const std::size_t table_end = kTableAt + 40 * static_cast<std::size_t>(peek(bytes, kCountAt, 4));
  std::set<std::size_t> kinds_lost;
  for (std::size_t at = 0; at < table_end; ++at) {
    const std::size_t in_section = at < kTableAt ? 0 : (at - kTableAt) % 40;
    // A section's own name is not used, and four bytes after it are padding.
    if (at >= kTableAt && in_section >= 4 && in_section < 24) continue;
    if (at < kTableAt && free_header_byte(at)) continue;
    for (int bit = 0; bit < 8; ++bit) {
      bytes[at] = static_cast<char>(bytes[at] ^ (1 << bit));
      INFO("byte " << at << ", bit " << bit);
      const bool taken = accepted(bytes);
      if (taken && at >= kTableAt && in_section < 4) {
        kinds_lost.insert((at - kTableAt) / 40);
      } else if (taken) {
        // Another mode that exists; a size that takes in some of the zeros before the next section, or leaves out the XML's
        // last line feed; the size of the manifest, which may hold anything.
        if (at == 332) {
          REQUIRE(peek(bytes, 332, 2) <= 6);
        } else {
          REQUIRE(in_section == 32);
          const std::uint64_t kind = peek(bytes, at - 32, 4), size = peek(bytes, at, 8),
                              before = size ^ (std::uint64_t{1} << bit);
          REQUIRE(((size > before && size - before < 8) || (kind == 2 && before - size == 1) || kind == 16));
        }
      }
      bytes[at] = static_cast<char>(bytes[at] ^ (1 << bit));
    }
  }
  // A section under another kind is missing. Only of those that nothing else refers to can that go unnoticed here: connections,
  // clocks, manifest.
  std::set<std::size_t> may_be_missing;
  for (const std::uint32_t kind : {7U, 11U, 16U}) may_be_missing.insert((header_of(bytes, kind) - kTableAt) / 40);
  CHECK(kinds_lost == may_be_missing);
}

TEST_CASE("random damage ends in a refusal or a file, never otherwise") {
  const std::string whole = plain_bytes();
  std::mt19937 random(20240607);
  int refused = 0;
  for (int round = 0; round < 4000; ++round) {
    std::string bytes = whole;
    for (unsigned flips = 1 + random() % 8; flips > 0; --flips) {
      // Mostly where structure is: section table and bodies.
      const std::size_t at = random() % 4 == 0 ? random() % bytes.size() : kCountAt + random() % (bytes.size() - kCountAt);
      bytes[at] = static_cast<char>(random());
    }
    if (random() % 8 == 0) bytes.resize(random() % bytes.size());
    refused += accepted(bytes) ? 0 : 1;
  }
  CHECK(refused > 3000);
}

TEST_CASE("a large bitstream is not read") {
  // A gibibyte of nothing after the description; the file is sparse.
  const TemporaryDirectory folder;
  const std::filesystem::path path = folder.path() / "large.xclbin";
  xclbin::Xclbin x = sim_program();
  x.user_metadata = "{}";
  std::string bytes = xclbin::write_xclbin(x);
  bytes.resize((bytes.size() + 7) / 8 * 8);
  const std::uint64_t start = bytes.size(), size = std::uint64_t{1} << 30;
  const std::size_t header = header_of(bytes, 16);  // the manifest's section becomes the bitstream
  poke(bytes, header, 0, 4);
  poke(bytes, header + 24, start, 8);
  poke(bytes, header + 32, size, 8);
  poke(bytes, kLengthAt, start + size, 8);
  write_bytes(path, bytes);
  std::filesystem::resize_file(path, start + size);
  const xclbin::Xclbin read = xclbin::read_xclbin(path);
  CHECK(read.bytes == start + size);
  CHECK(read.kernels.size() == 1);
  std::uint64_t largest = 0;
  xclbin::parse_xclbin("x.xclbin", bytes.size() + size, [&](std::uint64_t offset, std::size_t count) {
    largest = std::max<std::uint64_t>(largest, count);
    REQUIRE(offset + count <= start);
    return bytes.substr(static_cast<std::size_t>(offset), count);
  });
  CHECK(largest < 8192);
}

TEST_CASE("a container is judged without its sections' contents") {
  const TemporaryDirectory folder;
  const auto path = folder.path() / "x.xclbin";
  std::string bytes = plain_bytes();
  write_bytes(path, bytes);
  CHECK(xclbin::read_container(path).sections.size() == xclbin::read_xclbin(path).sections.size());
  CHECK(xclbin::read_container(path).kernels.empty());
  // Names in the XML are for others to read.
  bytes[body_of(bytes, xclbin::kEmbeddedMetadata)] = 'x';
  write_bytes(path, bytes);
  CHECK_NOTHROW(xclbin::read_container(path));
  CHECK_THROWS_AS(xclbin::read_xclbin(path), Error);
  write_bytes(path, bytes.substr(0, bytes.size() - 1));
  CHECK_THROWS_WITH(xclbin::read_container(path), Catch::Matchers::Contains("header, length at byte 304"));
  std::string damaged = xclbin::write_xclbin(sim_program());
  damaged[body_of(damaged, xclbin::kEmbeddedMetadata)] ^= 1;
  write_bytes(path, damaged);
  CHECK_THROWS_WITH(xclbin::read_container(path), Catch::Matchers::Contains("manifest, crc32"));
}
