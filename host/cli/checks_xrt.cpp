// SPDX-License-Identifier: Apache-2.0
#include <dlfcn.h>
#include <link.h>

#include <cstdlib>
#include <filesystem>
#include <map>

#include "host/cli/checks.hpp"

namespace squat::cli {
namespace {

namespace fs = std::filesystem;

/// "2.13.0" of "libxrt_coreutil.so.2.13.0"; empty when the name holds none.
std::string version_of(const fs::path& library) {
  const std::string name = library.filename().string();
  const std::size_t at = name.find(".so.");
  return at == std::string::npos ? "" : name.substr(at + 4);
}

/// "2.13" of "2.13.466".
std::string minor_of(const std::string& version) {
  const std::size_t dot = version.find('.');
  return dot == std::string::npos ? version : version.substr(0, version.find('.', dot + 1));
}

/// The run-time library of XRT, as the plug-in would load it.
Check library_check() {
  const std::string built = SQUAT_XRT_VERSION;
  if (built.empty())
    return {"XRT", "absent", "not found when squat was built", "apt-get install libxrt-dev uuid-dev, then build again"};
  void* library = ::dlopen("libxrt_coreutil.so.2", RTLD_LAZY | RTLD_LOCAL);
  if (library == nullptr) {
    const char* reason = ::dlerror();
    return {"XRT", "problem", "built against XRT " + built + ", but " + (reason != nullptr ? reason : "it does not load"),
            "install the same XRT again"};
  }
  link_map* map = nullptr;
  fs::path path;
  std::error_code failed;
  if (::dlinfo(library, RTLD_DI_LINKMAP, &map) == 0 && map != nullptr) path = fs::canonical(map->l_name, failed);
  const std::string version = version_of(path);
  const std::string found = "built against XRT " + built + ", loads " + (path.empty() ? "libxrt_coreutil.so.2" : path.string());
  if (!version.empty() && minor_of(version) != minor_of(built))
    return {"XRT", "problem", found,
            "build squat again with this XRT's headers, or put XRT " + minor_of(built) + " first in the path"};
  return {"XRT", "ok", found, ""};
}

/// XRT loads one of these from $XILINX_XRT/lib, by XCL_EMULATION_MODE.
const std::map<std::string, std::string>& driver_libraries() {
  static const std::map<std::string, std::string> names = {
      {"", "libxrt_core.so.2"}, {"hw_emu", "libxrt_hwemu.so.2"}, {"sw_emu", "libxrt_swemu.so.2"}, {"noop", "libxrt_noop.so.2"}};
  return names;
}

}  // namespace

std::vector<Check> xrt_checks() {
  std::vector<Check> rows = {library_check()};
  std::error_code ignored;
  const char* root = std::getenv("XILINX_XRT");
  const char* variable = std::getenv("XCL_EMULATION_MODE");
  const std::string mode = variable != nullptr ? variable : "";
  if (root == nullptr)
    rows.push_back(
        {"XILINX_XRT", "absent", "not set",
         "for --device fpga: source /opt/xilinx/xrt/setup.sh, or where XRT is installed; --device sim sets it itself"});
  else if (!fs::exists(fs::path(root) / "lib", ignored))
    rows.push_back({"XILINX_XRT", "problem", std::string(root) + "/lib does not exist", "source XRT's setup.sh"});
  else
    rows.push_back({"XILINX_XRT", "ok", root, ""});

  const auto library = driver_libraries().find(mode);
  if (library == driver_libraries().end()) {
    rows.push_back({"emulation mode", "problem", "XCL_EMULATION_MODE=" + mode + ", which XRT does not know",
                    "unset it for a board; hw_emu and sw_emu are for emulation"});
    return rows;
  }
  if (mode.empty())
    rows.push_back({"emulation mode", "ok", "off: XRT looks for boards", ""});
  else
    rows.push_back({"emulation mode", "problem", "XCL_EMULATION_MODE=" + mode + ": XRT finds no board",
                    "unset XCL_EMULATION_MODE for --device fpga; --device sim sets it itself"});
  if (root != nullptr) {
    const fs::path path = fs::path(root) / "lib" / library->second;
    if (fs::exists(path, ignored))
      rows.push_back({"XRT driver library", "ok", path.string(), ""});
    else
      rows.push_back({"XRT driver library", "problem", path.string() + " does not exist",
                      "set XILINX_XRT to the folder whose lib holds " + library->second +
                          "; where it lies in a multiarch folder, link that folder as lib"});
  }
  return rows;
}

}  // namespace squat::cli
