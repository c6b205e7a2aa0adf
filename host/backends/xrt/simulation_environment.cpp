// SPDX-License-Identifier: Apache-2.0
#include <cstdlib>
#include <filesystem>

#include "host/backends/xrt/open_transport.hpp"
#include "host/backends/xrt/plugin_interface.hpp"
#include "host/model/error.hpp"

#ifndef SQUAT_BUILD_ROOT
#define SQUAT_BUILD_ROOT ""
#endif

namespace squat::backends {
namespace {

namespace fs = std::filesystem;

fs::path emulation_root(const fs::path& root) { return root / "sim" / "xrt"; }
fs::path emulation_library(const fs::path& root) { return emulation_root(root) / "lib" / "libxrt_hwemu.so.2"; }
fs::path simulation_xclbin(const fs::path& root) { return root / "sim" / "squat.xclbin"; }

}  // namespace

std::string default_root() {
  if (const char* root = std::getenv("SQUAT_ROOT")) return root;
  std::error_code ignored;
  const fs::path folder = fs::read_symlink("/proc/self/exe", ignored).parent_path();
  for (const fs::path& root : {folder.parent_path() / "lib" / "squat", folder}) {
    if (fs::exists(root / "lib" / kPluginFile, ignored) || fs::exists(simulation_xclbin(root), ignored)) return root.string();
  }
  return SQUAT_BUILD_ROOT;
}

TransportKind best_simulation(const std::string& root) {
  std::error_code ignored;
  const bool complete = fs::exists(emulation_library(root), ignored) && fs::exists(simulation_xclbin(root), ignored) &&
                        fs::exists(fs::path(root) / "lib" / kPluginFile, ignored);
  return complete ? TransportKind::kSimXrt : TransportKind::kSimDirect;
}

std::string prepare_simulation_environment(const std::string& root, const SimulationOptions& options) {
  std::error_code ignored;
  for (const fs::path& needed : {emulation_library(root), simulation_xclbin(root)}) {
    if (!fs::exists(needed, ignored)) {
      throw Error(ExitCode::kDeviceUnavailable,
                  needed.string() +
                      " does not exist: the XRT emulation was not built (it needs XRT 2.13 and Verilator 5.006 or "
                      "later; Debian: apt-get install libxrt-dev uuid-dev verilator)");
    }
  }
  ::setenv("XILINX_XRT", fs::absolute(emulation_root(root)).c_str(), 1);
  ::setenv("XCL_EMULATION_MODE", "hw_emu", 1);
  export_to_environment(options);
  return simulation_xclbin(root).string();
}

}  // namespace squat::backends
