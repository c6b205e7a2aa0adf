// SPDX-License-Identifier: Apache-2.0
// squat doctor's probes: one that hangs, crashes or throws is a finding; and what is found on machines made of a few files.
#include "host/cli/machine.hpp"

#include <unistd.h>

#include <csignal>
#include <cstdlib>
#include <thread>

#include "tests/host/support.hpp"

using namespace squat;
using cli::Check;
using test::TemporaryDirectory;
using test::write_bytes;
namespace fs = std::filesystem;
using Rows = std::vector<Check>;

namespace {

using Steady = std::chrono::steady_clock;

Check only(const Rows& rows) {
  REQUIRE(rows.size() == 1);
  return rows[0];
}

/// A machine of files; nothing is usable unless a test says so.
struct FakeMachine {
  TemporaryDirectory folder;
  cli::Machine machine;

  FakeMachine() {
    machine.root = folder.path();
    machine.usable = [](const fs::path&) { return false; };
  }
  void file(const std::string& path, const std::string& text) {
    const fs::path at = machine.file(path);
    fs::create_directories(at.parent_path());
    write_bytes(at, text);
  }
  void driver(const std::string& device, const std::string& name) {
    const fs::path at = machine.file(device);
    fs::create_directories(at);
    fs::create_directories(machine.file("/sys/bus/drivers/" + name));
    fs::create_symlink(machine.file("/sys/bus/drivers/" + name), at / "driver");
  }
  void render_node(const std::string& name, const std::string& driver_name) {
    driver("/sys/class/drm/" + name + "/device", driver_name);
    file("/dev/dri/" + name, "");
  }
};

const Check* named(const Rows& rows, const std::string& name) {
  for (const Check& row : rows) {
    if (row.name == name) return &row;
  }
  return nullptr;
}

}  // namespace

TEST_CASE("a probe's findings arrive as they are") {
  const Rows rows = cli::run_probe("p", std::chrono::seconds(20), [] {
    return Rows{{"a", "ok", "quote \" and\nline", ""}, {"b", "problem", std::string(100000, 'x'), "fix"}};
  });
  REQUIRE(rows.size() == 2);
  CHECK(rows[0].found == "quote \" and\nline");
  CHECK(rows[1].found.size() == 100000);
  CHECK(rows[1].fix == "fix");
  CHECK(cli::run_probe("p", std::chrono::seconds(20), [] { return Rows{}; }).empty());
}

TEST_CASE("a probe that hangs is stopped in time") {
  const auto start = Steady::now();
  const Check row = only(cli::run_probe("card", std::chrono::milliseconds(300), []() -> Rows {
    ::signal(SIGTERM, SIG_IGN);
    for (;;) std::this_thread::sleep_for(std::chrono::seconds(1));
  }));
  CHECK(Steady::now() - start < std::chrono::milliseconds(1300));
  CHECK(row.name == "card");
  CHECK(row.status == "problem");
  CHECK(row.found.find("did not answer within 300 ms") != std::string::npos);
  CHECK_FALSE(row.fix.empty());
}

TEST_CASE("a probe that dies, throws or says nothing is a problem") {
  const auto limit = std::chrono::seconds(20);
  const Check killed = only(cli::run_probe("p", limit, []() -> Rows {
    ::raise(SIGKILL);
    return {};
  }));
  CHECK(killed.found.find("crashed: Killed") != std::string::npos);
  const Check aborted = only(cli::run_probe("p", limit, []() -> Rows {
    ::signal(SIGABRT, SIG_DFL);
    ::raise(SIGABRT);
    return {};
  }));
  CHECK(aborted.found.find("crashed: Aborted") != std::string::npos);
  CHECK(only(cli::run_probe("p", limit, []() -> Rows { throw std::runtime_error("no such card"); })).found == "no such card");
  CHECK(only(cli::run_probe("p", limit, []() -> Rows { throw 1; })).status == "problem");
  CHECK(only(cli::run_probe("p", limit, []() -> Rows { ::_exit(3); })).found == "ended without an answer");
}

TEST_CASE("what a probe changes stays in it") {
  ::unsetenv("SQUAT_TEST_PROBE");
  cli::run_probe("p", std::chrono::seconds(20), [] {
    ::setenv("SQUAT_TEST_PROBE", "1", 1);
    ::write(STDOUT_FILENO, "not a result", 12);
    return Rows{};
  });
  CHECK(std::getenv("SQUAT_TEST_PROBE") == nullptr);
}

TEST_CASE("a machine without a board") {
  FakeMachine m;
  CHECK(only(cli::board_checks(m.machine)).status == "absent");
  CHECK(only(cli::permission_checks(m.machine)).status == "absent");
  CHECK(cli::application_checks(m.machine).empty());
  // A graphics card's render node is none of ours.
  m.render_node("renderD128", "amdgpu");
  CHECK(only(cli::permission_checks(m.machine)).status == "absent");
}

TEST_CASE("a card with and without its driver") {
  FakeMachine m;
  m.file("/sys/bus/pci/devices/0000:65:00.1/vendor", "0x10ee\n");
  m.file("/sys/bus/pci/devices/0000:65:00.1/device", "0x5005\n");
  m.file("/sys/bus/pci/devices/0000:66:00.0/vendor", "0x8086\n");
  Check card = only(cli::board_checks(m.machine));
  CHECK(card.name == "card 0000:65:00.1");
  CHECK(card.status == "problem");
  CHECK(card.fix.find("modprobe xocl") != std::string::npos);
  m.driver("/sys/bus/pci/devices/0000:65:00.1", "xocl");
  card = only(cli::board_checks(m.machine));
  CHECK(card.status == "ok");
  CHECK(card.found == "PCI 10ee:0x5005, driver xocl");

  m.render_node("renderD129", "xocl");
  Check node = only(cli::permission_checks(m.machine));
  CHECK(node.name == "permission /dev/dri/renderD129");
  CHECK(node.status == "problem");
  CHECK(node.fix.find("usermod -aG") != std::string::npos);
  m.machine.usable = [&](const fs::path& path) { return path == m.machine.file("/dev/dri/renderD129"); };
  CHECK(only(cli::permission_checks(m.machine)).status == "ok");
  fs::remove(m.machine.file("/dev/dri/renderD129"));
  node = only(cli::permission_checks(m.machine));
  CHECK(node.status == "problem");
  CHECK(node.found.find("does not exist") != std::string::npos);
}

TEST_CASE("a KV260 before and after its application is loaded") {
  FakeMachine m;
  m.file("/proc/device-tree/model", std::string("ZynqMP SMK-K26 Rev1/B/A\0", 24));
  Check board = only(cli::board_checks(m.machine));
  CHECK(board.status == "problem");
  CHECK(board.fix.find("xmutil loadapp squat") != std::string::npos);
  const Check before = only(cli::application_checks(m.machine));
  CHECK(before.status == "problem");
  CHECK(before.found == "/lib/firmware/xilinx/squat lacks squat.bit.bin, squat.dtbo, shell.json, squat.xclbin");
  for (const char* file : {"squat.bit.bin", "squat.dtbo", "shell.json", "squat.xclbin"})
    m.file(std::string("/lib/firmware/xilinx/squat/") + file, "x");
  CHECK(only(cli::application_checks(m.machine)).status == "ok");
  m.render_node("renderD128", "zocl-drm");
  CHECK(only(cli::board_checks(m.machine)).status == "ok");
}

TEST_CASE("memory and processor of other machines") {
  FakeMachine m;
  CHECK(only(cli::memory_checks(m.machine)).status == "absent");
  m.file("/proc/meminfo", "MemTotal:       4000000 kB\nMemFree:  100 kB\nMemAvailable:    524288 kB\n");
  const Check memory = only(cli::memory_checks(m.machine));
  CHECK(memory.status == "problem");
  CHECK(memory.found == "0.5 GiB available");
  const Check* features = nullptr;
  Rows rows = cli::processor_checks(m.machine);
  features = named(rows, "CPU features");
  REQUIRE(features != nullptr);
  CHECK(features->status == "absent");
  m.file("/proc/cpuinfo", "processor\t: 0\nFeatures\t: fp asimd evtstrm aes asimddp\n");
  rows = cli::processor_checks(m.machine);
  features = named(rows, "CPU features");
  REQUIRE(features != nullptr);
  CHECK(features->status == "ok");
  CHECK(features->found.find("asimd asimddp ") == 0);
}
