// SPDX-License-Identifier: Apache-2.0
// The writer's bytes against offsets from XRT's xclbin.h, and random programs there and back.
#include <random>

#include "tests/host/xclbin/xclbin_bytes.hpp"

using namespace squat;
using namespace squat::test;

TEST_CASE("the container lies as XRT's header says") {
  xclbin::Xclbin x = sim_program();
  x.unique_id = 0x1122334455667788;
  x.uuid[0] = 0xab;
  x.uuid[15] = 0xcd;
  const std::string bytes = xclbin::write_xclbin(x);
  CHECK(bytes.substr(0, 8) == std::string("xclbin2\0", 8));
  CHECK(bytes.substr(8, 288) == std::string(288, '\xff'));  // no signature, no key
  CHECK(peek(bytes, 296, 8) == 0x1122334455667788);
  CHECK(peek(bytes, 304, 8) == bytes.size());
  CHECK(peek(bytes, 312, 8) == 1);
  CHECK(peek(bytes, 330, 1) == 2);
  CHECK(peek(bytes, 331, 1) == 13);
  CHECK(peek(bytes, 332, 2) == 4);  // XCLBIN_HW_EMU
  CHECK(std::string(bytes.c_str() + 352) == "squat:sim:verilated:1");
  CHECK(peek(bytes, 416, 1) == 0xab);
  CHECK(peek(bytes, 431, 1) == 0xcd);
  CHECK(peek(bytes, 448, 4) == 6);

  const std::size_t banks = body_of(bytes, 6);
  CHECK(peek(bytes, banks, 4) == 1);
  CHECK(peek(bytes, banks + 8, 1) == 1);  // MEM_DDR4
  CHECK(peek(bytes, banks + 9, 1) == 1);
  CHECK(peek(bytes, banks + 16, 8) == 2048 * 1024);
  CHECK(peek(bytes, banks + 24, 8) == 0x800000000);
  CHECK(std::string(bytes.c_str() + banks + 32) == "DDR[0]");

  const std::size_t connections = body_of(bytes, 7);
  CHECK(peek(bytes, connections, 4) == 7);
  for (std::size_t i = 0; i < 7; ++i) {
    CHECK(peek(bytes, connections + 4 + 12 * i, 4) == i);
    CHECK(peek(bytes, connections + 8 + 12 * i, 8) == 0);
  }

  const std::size_t units = body_of(bytes, 8);
  CHECK(peek(bytes, units, 4) == 1);
  CHECK(peek(bytes, units + 8, 4) == 1);   // IP_KERNEL
  CHECK(peek(bytes, units + 12, 4) == 1);  // interrupts, AP_CTRL_HS
  CHECK(peek(bytes, units + 16, 8) == 0x10000);
  CHECK(std::string(bytes.c_str() + units + 24) == "squat_kernel:squat_kernel_1");

  const std::size_t clocks = body_of(bytes, 11);
  CHECK(peek(bytes, clocks, 2) == 1);
  CHECK(peek(bytes, clocks + 2, 2) == 300);
  CHECK(peek(bytes, clocks + 4, 1) == 2);  // CT_KERNEL
  CHECK(std::string(bytes.c_str() + clocks + 10) == "KERNEL_CLK");
  for (std::size_t i = 0; i < 6; ++i) CHECK(peek(bytes, kTableAt + 40 * i + 24, 8) % 8 == 0);
}

namespace {

std::string name(std::mt19937& random) {
  std::string text;
  for (unsigned n = 1 + draw(random, 12); n > 0; --n) text += static_cast<char>('a' + draw(random, 26));
  return text;
}

/// A consistent program with random banks, groups of them, kernels, units and clocks.
xclbin::Xclbin random_program(std::mt19937& random) {
  xclbin::Xclbin x;
  x.mode = static_cast<xclbin::Mode>(draw(random, 7));
  x.platform = name(random) + ":" + name(random) + "<&\">:x:1";
  x.created = random();
  x.unique_id = random();
  for (std::uint8_t& byte : x.uuid) byte = static_cast<std::uint8_t>(random());
  for (unsigned n = 1 + draw(random, 5); n > 0; --n)
    x.memories.push_back({static_cast<std::uint8_t>(draw(random, 12)), true, draw(random, 100000), random(), name(random)});
  for (unsigned k = draw(random, 4); k > 0; --k) {
    xclbin::Kernel kernel;
    kernel.name = name(random) + std::to_string(k);
    kernel.control = "ap_ctrl_hs";
    kernel.language = "c";
    kernel.ports.push_back({"M", "master", random(), 512});
    for (unsigned i = 0; i < draw(random, 6); ++i)
      kernel.arguments.push_back(
          {"a" + std::to_string(i), i, draw(random, 2), "M", 4 + draw(random, 8), draw(random, 4096), "int \"&*"});
    kernel.instances.push_back({kernel.name + "_1", random()});
    x.ips.push_back({1, static_cast<std::uint32_t>(draw(random, 6) << 8 | 1), kernel.instances[0].base,
                     kernel.name + ":" + kernel.name + "_1"});
    for (const xclbin::Argument& a : kernel.arguments) {
      x.connections.push_back({static_cast<std::int32_t>(a.id), static_cast<std::int32_t>(x.ips.size() - 1),
                               static_cast<std::int32_t>(draw(random, static_cast<std::uint32_t>(x.memories.size())))});
    }
    x.kernels.push_back(std::move(kernel));
  }
  if (draw(random, 2) == 0) {
    x.groups = x.memories;
    x.groups.push_back({9, true, draw(random, 100000), random(), "group"});
    for (xclbin::Connection c : x.connections) {
      c.memory = static_cast<std::int32_t>(x.memories.size());
      x.group_connections.push_back(c);
    }
  }
  if (draw(random, 2) == 0) x.clocks.push_back({static_cast<std::uint16_t>(random()), 1, name(random)});
  if (draw(random, 2) == 0) x.user_metadata = R"({"crc32":"00000000","x":")" + name(random) + "\"}";
  return x;
}

}  // namespace

TEST_CASE("random programs read back as they were written, and write back to the same bytes") {
  std::mt19937 random(7);
  for (int round = 0; round < 500; ++round) {
    const xclbin::Xclbin x = random_program(random);
    const std::string bytes = xclbin::write_xclbin(x);
    xclbin::Xclbin y = parsed(bytes);
    REQUIRE(y.mode == x.mode);
    REQUIRE(y.platform == x.platform);
    REQUIRE(y.uuid == x.uuid);
    REQUIRE(y.memories.size() == x.memories.size());
    REQUIRE(y.connections.size() == x.connections.size());
    REQUIRE(y.groups.size() == x.groups.size());
    REQUIRE(y.group_connections.size() == x.group_connections.size());
    for (std::size_t g = 0; g < x.groups.size(); ++g) REQUIRE(y.groups[g].tag == x.groups[g].tag);
    for (std::size_t c = 0; c < x.group_connections.size(); ++c) {
      REQUIRE(y.group_connections[c].argument == x.group_connections[c].argument);
      REQUIRE(y.group_connections[c].memory == x.group_connections[c].memory);
    }
    REQUIRE(y.kernels.size() == x.kernels.size());
    for (std::size_t k = 0; k < x.kernels.size(); ++k) {
      REQUIRE(y.kernels[k].name == x.kernels[k].name);
      REQUIRE(y.kernels[k].arguments.size() == x.kernels[k].arguments.size());
      for (std::size_t i = 0; i < x.kernels[k].arguments.size(); ++i) {
        REQUIRE(y.kernels[k].arguments[i].offset == x.kernels[k].arguments[i].offset);
        REQUIRE(y.kernels[k].arguments[i].type == x.kernels[k].arguments[i].type);
      }
    }
    y.user_metadata = x.user_metadata;  // read back, it holds the CRC
    REQUIRE(xclbin::write_xclbin(y) == bytes);
  }
}

TEST_CASE("texts longer than their fields are refused by the writer") {
  xclbin::Xclbin x = sim_program();
  x.memories[0].tag = "sixteen letters!";
  CHECK(input_error_of([&] { xclbin::write_xclbin(x); }).find("sixteen letters!") != std::string::npos);
  x = sim_program();
  x.platform = std::string(64, 'p');
  CHECK(input_error_of([&] { xclbin::write_xclbin(x); }).find("63 characters") != std::string::npos);
}
