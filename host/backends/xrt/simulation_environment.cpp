// SPDX-License-Identifier: Apache-2.0
#include <link.h>

#include <cstdint>
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

/// The file that this code was loaded from: a program, or a library that has it inside.
fs::path own_file() {
  struct Search {
    std::uintptr_t address;
    std::string name;
  } search{reinterpret_cast<std::uintptr_t>(&own_file), ""};
  // The loader's name of the program itself is empty.
  ::dl_iterate_phdr(
      [](dl_phdr_info* object, std::size_t, void* data) {
        auto& wanted = *static_cast<Search*>(data);
        for (int i = 0; i < object->dlpi_phnum; ++i) {
          const auto& segment = object->dlpi_phdr[i];
          if (segment.p_type != PT_LOAD || wanted.address - (object->dlpi_addr + segment.p_vaddr) >= segment.p_memsz) continue;
          wanted.name = object->dlpi_name;
          return 1;
        }
        return 0;
      },
      &search);
  std::error_code ignored;
  const fs::path file = search.name.empty() ? "/proc/self/exe" : search.name;
  const fs::path real = fs::canonical(file, ignored);
  return ignored ? file : real;
}

fs::path emulation_root(const fs::path& root) { return root / "sim" / "xrt"; }
fs::path emulation_library(const fs::path& root) { return emulation_root(root) / "lib" / "libxrt_hwemu.so.2"; }
fs::path simulation_xclbin(const fs::path& root) { return root / "sim" / "squat.xclbin"; }

}  // namespace

std::string default_root() {
  if (const char* root = std::getenv("SQUAT_ROOT")) return root;
  std::error_code ignored;
  const fs::path file = own_file(), folder = file.parent_path(),
                 installed = folder.parent_path() / SQUAT_LIBRARY_FOLDER / "squat";
  // Of the installed program, of the installed library, of the program in a build folder, of the library there.
  for (const fs::path& root : {installed, folder / "squat", folder, folder.parent_path()}) {
    if (fs::exists(root / "lib" / kPluginFile, ignored) || fs::exists(simulation_xclbin(root), ignored)) return root.string();
  }
  // Not what happens to lie where somebody once built this.
  const std::string built = SQUAT_BUILD_ROOT;
  const bool inside = !built.empty() && file.string().compare(0, built.size() + 1, built + "/") == 0;
  return inside ? built : installed.string();
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
