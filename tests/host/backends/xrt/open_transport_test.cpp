// SPDX-License-Identifier: Apache-2.0
#include "host/backends/xrt/open_transport.hpp"

#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "host/backends/xrt/plugin_interface.hpp"
#include "host/model/error.hpp"
#include "tests/catch.hpp"
#include "tests/host/backends/xrt/fake_transport.hpp"

using namespace squat;
using namespace squat::backends;
using Catch::Matchers::Contains;
namespace fs = std::filesystem;

namespace {

/// An empty root folder that disappears with the test.
struct Root {
  Root() : path(fs::temp_directory_path() / ("squat-root-" + std::to_string(::getpid()))) {
    fs::create_directories(path / "lib");
    fs::create_directories(path / "sim" / "xrt" / "lib");
    options.root = path.string();
  }
  ~Root() { fs::remove_all(path); }
  void touch(const char* name) const { std::ofstream(path / name) << "x"; }

  fs::path path;
  TransportOptions options;
};

void check_unavailable(TransportKind kind, const TransportOptions& options, const std::string& text) {
  try {
    open_transport(kind, options);
    FAIL("no error");
  } catch (const Error& e) {
    CHECK(e.code() == ExitCode::kDeviceUnavailable);
    CHECK_THAT(e.what(), Contains(text));
  }
}

}  // namespace

TEST_CASE("open transport: what is missing is named") {
  Root root;
  check_unavailable(TransportKind::kSimDirect, root.options, "built without the simulated device");
  check_unavailable(TransportKind::kSimXrt, root.options, "libxrt_hwemu.so.2 does not exist");
  check_unavailable(TransportKind::kFpga, root.options, "name the xclbin");
  root.options.xclbin = "board.xclbin";
  check_unavailable(TransportKind::kFpga, root.options, "cannot load the XRT plug-in");
  root.touch("lib/libsquat_xrt.so");
  check_unavailable(TransportKind::kFpga, root.options, "cannot load the XRT plug-in");
}

TEST_CASE("open transport: a simulation with XRT needs all three files") {
  Root root;
  CHECK(best_simulation(root.options.root) == TransportKind::kSimDirect);
  root.touch("lib/libsquat_xrt.so");
  root.touch("sim/xrt/lib/libxrt_hwemu.so.2");
  CHECK(best_simulation(root.options.root) == TransportKind::kSimDirect);
  root.touch("sim/squat.xclbin");
  CHECK(best_simulation(root.options.root) == TransportKind::kSimXrt);
  CHECK(prepare_simulation_environment(root.options.root, {}) == (root.path / "sim/squat.xclbin").string());
  CHECK(std::getenv("XILINX_XRT") == (root.path / "sim/xrt").string());
  CHECK(std::string(std::getenv("XCL_EMULATION_MODE")) == "hw_emu");
  ::unsetenv("XILINX_XRT");
  ::unsetenv("XCL_EMULATION_MODE");
}

TEST_CASE("open transport: $SQUAT_ROOT wins") {
  ::setenv("SQUAT_ROOT", "somewhere", 1);
  CHECK(default_root() == "somewhere");
  ::unsetenv("SQUAT_ROOT");
  CHECK(default_root() != "somewhere");
}

TEST_CASE("open transport: a device of another build is refused, unless asked for") {
  TransportOptions options;
  options.direct = [](const TransportOptions&) {
    auto fake = std::make_unique<FakeTransport>();
    fake->registers[spec::kRegId] = 1;
    return fake;
  };
  check_unavailable(TransportKind::kSimDirect, options, "not a Squat accelerator");
  options.check_identity = false;
  CHECK(open_transport(TransportKind::kSimDirect, options)->name() == "fake");
}

#ifdef SQUAT_XRT_PLUGIN
TEST_CASE("open transport: genuine XRT without a board is an unavailable device") {
  Root root;
  fs::create_symlink(SQUAT_XRT_PLUGIN, root.path / "lib" / kPluginFile);
  root.options.xclbin = "board.xclbin";
  ::setenv("XILINX_XRT", root.options.root.c_str(), 1);  // an XRT without drivers
  check_unavailable(TransportKind::kFpga, root.options, "XRT: opening device 0 failed");
  ::unsetenv("XILINX_XRT");
}
#endif
