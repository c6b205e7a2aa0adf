// SPDX-License-Identifier: Apache-2.0
// Hand-made malformed xclbin files: each is refused with the place and the reason.
#include <functional>

#include "host/xclbin/part.hpp"
#include "tests/host/xclbin/xclbin_bytes.hpp"

using namespace squat;
using namespace squat::test;

namespace {

struct Case {
  const char* reason;
  std::function<void(std::string&)> damage;
};

/// Overwrites `size` bytes at `at` within the body of the section of `kind`.
std::function<void(std::string&)> in_body(std::uint32_t kind, std::size_t at, std::uint64_t value, std::size_t size) {
  return [=](std::string& bytes) { poke(bytes, body_of(bytes, kind) + at, value, size); };
}
std::function<void(std::string&)> in_header(std::uint32_t kind, std::size_t at, std::uint64_t value, std::size_t size) {
  return [=](std::string& bytes) { poke(bytes, header_of(bytes, kind) + at, value, size); };
}
std::function<void(std::string&)> in_file(std::size_t at, std::uint64_t value, std::size_t size) {
  return [=](std::string& bytes) { poke(bytes, at, value, size); };
}
std::function<void(std::string&)> filled(std::uint32_t kind, std::size_t at, std::size_t size, char with) {
  return [=](std::string& bytes) { bytes.replace(body_of(bytes, kind) + at, size, size, with); };
}

constexpr std::uint32_t kXml = 2, kMemory = 6, kConnect = 7, kIp = 8, kClock = 11;

}  // namespace

TEST_CASE("malformed headers and tables are refused with place and reason") {
  const std::uint64_t all = ~std::uint64_t{0};
  const std::vector<Case> cases = {
      {"header, magic at byte 0", in_file(7, 1, 1)},
      {"header, magic at byte 0", in_file(0, 0x326e69626c637879, 8)},
      {"header, length at byte 304", in_file(304, 0, 8)},
      {"header, length at byte 304", in_file(304, all, 8)},
      {"header, signature length at byte 8", in_file(8, 0x7fffffff, 4)},
      {"header, signature length at byte 8", in_file(8, 0xfffffffe, 4)},
      {"header, length at byte 304", in_file(8, 100, 4)},
      {"header, mode at byte 332", in_file(332, 7, 2)},
      {"header, platform name at byte 352", [](std::string& b) { b.replace(352, 64, 64, 'a'); }},
      {"header, platform name at byte 353", in_file(353, 0x1b, 1)},
      {"header, number of sections at byte 448", in_file(448, 0, 4)},
      {"header, number of sections at byte 448", in_file(448, 0xffffffff, 4)},
      {"header, number of sections at byte 448", in_file(448, 0x10001, 4)},
      {"a multiple of 8", in_header(kMemory, 24, 1001, 8)},
      {"section table", in_header(kMemory, 24, 0, 8)},
      {"section table", in_header(kMemory, 24, 448, 8)},  // over the table itself
      {"section table", in_header(kMemory, 24, all - 7, 8)},
      {"section table", in_header(kMemory, 32, all, 8)},
      {"section table", in_header(kMemory, 32, all - 800, 8)},  // offset + size wraps
      {"0 of an empty section",
       [](std::string& b) {
         poke(b, header_of(b, kClock) + 32, 0, 8);
         poke(b, header_of(b, kClock) + 24, 8, 8);
       }},
      {"after section 0", [](std::string& b) { poke(b, header_of(b, kConnect) + 24, body_of(b, kMemory) + 8, 8); }},
      {"at most one of its kind", in_header(kConnect, 0, kMemory, 4)},
      {"name at byte", [](std::string& b) { b.replace(header_of(b, kIp) + 4, 16, 16, 'x'); }},
      {"(MEM_TOPOLOGY), count", in_body(kMemory, 0, 2, 4)},
      {"(MEM_TOPOLOGY), count", in_body(kMemory, 0, 0, 4)},
      {"(MEM_TOPOLOGY), count", in_body(kMemory, 0, 0xffffffff, 4)},
      {"(MEM_TOPOLOGY), used", in_body(kMemory, 8 + 1, 2, 1)},
      {"(MEM_TOPOLOGY), size", in_body(kMemory, 8 + 8, all, 8)},
      {"(MEM_TOPOLOGY), size", in_body(kMemory, 8 + 16, all - 4096, 8)},  // the bank's end wraps
      {"(MEM_TOPOLOGY), tag", filled(kMemory, 8 + 24, 16, 'D')},
      {"(CONNECTIVITY), count", in_body(kConnect, 0, 8, 4)},
      {"(CONNECTIVITY), argument index", in_body(kConnect, 4, 0xffffffff, 4)},
      {"connection 0, argument index", in_body(kConnect, 4, 99, 4)},
      {"connection 1, compute unit index", in_body(kConnect, 4 + 12 + 4, 1, 4)},
      {"connection 1, memory index", in_body(kConnect, 4 + 12 + 8, 1, 4)},
      {"connection 0, memory index", in_body(kMemory, 8 + 1, 0, 1)},  // leads to a bank that is not used
      {"(IP_LAYOUT), count", in_body(kIp, 0, 3, 4)},
      {"(IP_LAYOUT), name", filled(kIp, 8 + 16, 64, 'k')},
      {"(IP_LAYOUT), name", in_body(kIp, 8 + 16, 0xff, 1)},
      {"IP_LAYOUT at byte", in_body(kIp, 8 + 16, 'S', 1)},  // a compute unit the XML does not know
      {"IP_LAYOUT at byte", in_body(kIp, 8, 2, 4)},         // no kernel any more
      {"(CLOCK_FREQ_TOPOLOGY), count", in_body(kClock, 0, 0xffff, 2)},
      {"(CLOCK_FREQ_TOPOLOGY), name", filled(kClock, 2 + 8, 128, 'c')},
      {"(EMBEDDED_METADATA), XML", in_body(kXml, 0, 'x', 1)},
  };
  for (const Case& c : cases) {
    std::string bytes = plain_bytes();
    c.damage(bytes);
    CAPTURE(c.reason);
    check_refused(bytes, c.reason);
  }
}

TEST_CASE("tables shorter than their count or padded with something are refused") {
  const std::string whole = plain_bytes();
  check_refused(with_body(whole, kMemory, std::string(7, '\0')), "(MEM_TOPOLOGY), size");
  check_refused(with_body(whole, kConnect, ""), "CONNECTIVITY");
  check_refused(with_body(whole, kClock, std::string(1, '\0')), "(CLOCK_FREQ_TOPOLOGY), size");
  const std::string banks = whole.substr(body_of(whole, kMemory), 48);
  CHECK(parsed(with_body(whole, kMemory, banks + std::string(39, '\0'))).memories.size() == 1);
  check_refused(with_body(whole, kMemory, banks + std::string(38, '\0') + "x"), "(MEM_TOPOLOGY), padding");
  check_refused(with_body(whole, kMemory, banks + std::string(40, '\0')), "(MEM_TOPOLOGY), count");
}

TEST_CASE("connections to groups are held to the groups, not to the banks") {
  xclbin::Xclbin x = sim_program();
  x.user_metadata = "{}";
  x.groups = {x.memories[0], x.memories[0], x.memories[0]};
  x.groups[1].used = false;
  const auto bytes_with = [&](const xclbin::Connection& c) {
    x.group_connections = {c};
    return xclbin::write_xclbin(x);
  };
  CHECK(parsed(bytes_with({0, 0, 2})).group_connections.at(0).memory == 2);  // there is one bank only
  check_refused(bytes_with({0, 0, 3}), "GROUP_CONNECTIVITY, connection 0, memory index");
  check_refused(bytes_with({0, 0, 3}), "below 3 memories");
  check_refused(bytes_with({0, 0, 1}), "a memory in use");
}

TEST_CASE("compute units and instances of one name are refused") {
  xclbin::Xclbin x = sim_program();
  x.user_metadata = "{}";
  x.ips.push_back(x.ips[0]);
  check_refused(xclbin::write_xclbin(x), "each compute unit once, found 'squat_kernel:squat_kernel_1' twice");
  x.ips.pop_back();
  x.kernels[0].instances.push_back(x.kernels[0].instances[0]);
  check_refused(xclbin::write_xclbin(x), "each instance once, found 'squat_kernel:squat_kernel_1' twice");
}

TEST_CASE("a part is never read beyond its bytes") {
  const xclbin::Part part("x.xclbin", "header", 1000, "abc");
  CHECK(part.number<std::uint16_t>(1) == 0x6362);
  const auto refused = [](auto&& read) { return input_error_of([&] { read(); }); };
  CHECK(refused([&] { part.number<std::uint32_t>(0); }).rfind("x.xclbin: header, number at byte 1000: expected 4 bytes", 0) ==
        0);
  CHECK(refused([&] { part.number<std::uint8_t>(4); }).find("at byte 1004: expected 1 bytes") != std::string::npos);
  CHECK(refused([&] { part.text(2, 2, "name"); }).rfind("x.xclbin: header, name at byte 1002: expected 2 bytes", 0) == 0);
  CHECK(refused([&] { part.text(4, 0, "name"); }).find("the end of the part") != std::string::npos);
}

TEST_CASE("a described section beyond 16 MiB is refused before it is read") {
  std::string bytes = plain_bytes();
  bytes.resize((bytes.size() + 7) / 8 * 8);
  const std::uint64_t start = bytes.size(), size = (std::uint64_t{16} << 20) + 1;
  poke(bytes, header_of(bytes, kXml) + 24, start, 8);
  poke(bytes, header_of(bytes, kXml) + 32, size, 8);
  poke(bytes, kLengthAt, start + size, 8);
  const std::string message = input_error_of([&] {
    xclbin::parse_xclbin("x.xclbin", start + size, [&](std::uint64_t offset, std::size_t count) {
      REQUIRE(offset + count <= start);
      return bytes.substr(static_cast<std::size_t>(offset), count);
    });
  });
  CHECK(message.find("at most 16 MiB") != std::string::npos);
}

TEST_CASE("a signature is measured, and must fill the file's end") {
  std::string bytes = plain_bytes();
  CHECK(parsed(bytes).signature_bytes == -1);
  poke(bytes, 8, 100, 4);
  bytes += std::string(100, 's');
  CHECK(parsed(bytes).signature_bytes == 100);
  check_refused(bytes + "s", "length");
  check_refused(bytes.substr(0, bytes.size() - 1), "length");
}

TEST_CASE("what is no readable file is refused") {
  const TemporaryDirectory folder;
  for (const std::string& path : {folder.path().string(), std::string("/dev/null"), (folder.path() / "nothing").string()}) {
    const std::string message = input_error_of([&] { xclbin::read_xclbin(path); });
    CHECK(message.find(path) != std::string::npos);
  }
}
