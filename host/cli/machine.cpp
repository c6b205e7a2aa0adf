// SPDX-License-Identifier: Apache-2.0
#include "host/cli/machine.hpp"

#include <grp.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <fstream>
#include <set>
#include <sstream>
#include <thread>

#include "host/cli/version.hpp"

namespace squat::cli {
namespace {

namespace fs = std::filesystem;

std::string first_word(const fs::path& path) {
  std::string word;
  std::ifstream(path) >> word;
  return word;
}

/// The name of the driver bound to a device folder of sysfs; empty without one.
std::string driver_of(const fs::path& device) {
  std::error_code failed;
  const fs::path target = fs::read_symlink(device / "driver", failed);
  return failed ? "" : target.filename().string();
}

std::vector<fs::path> sorted_entries(const fs::path& folder) {
  std::vector<fs::path> entries;
  std::error_code failed;
  for (fs::directory_iterator it(folder, failed), end; !failed && it != end; it.increment(failed))
    entries.push_back(it->path());
  std::sort(entries.begin(), entries.end());
  return entries;
}

/// Device-tree texts end with a 0.
std::string board_model(const Machine& machine) {
  std::ifstream file(machine.file("/proc/device-tree/model"));
  std::string model;
  std::getline(file, model, '\0');
  return model;
}

bool is_kria(const std::string& model) {
  return model.find("KV260") != std::string::npos || model.find("Kria") != std::string::npos ||
         model.find("K26") != std::string::npos;
}

struct RenderNode {
  fs::path node;
  std::string driver;
};

/// Render nodes of xocl and zocl; those of graphics cards are none of ours.
std::vector<RenderNode> render_nodes(const Machine& machine) {
  std::vector<RenderNode> nodes;
  for (const fs::path& entry : sorted_entries(machine.file("/sys/class/drm"))) {
    const std::string name = entry.filename().string();
    const std::string driver = driver_of(entry / "device");
    if (name.rfind("renderD", 0) == 0 && (driver.rfind("xocl", 0) == 0 || driver.rfind("zocl", 0) == 0))
      nodes.push_back({fs::path("/dev/dri") / name, driver});
  }
  return nodes;
}

std::string group_name(const fs::path& path) {
  struct stat info {};
  if (::stat(path.c_str(), &info) != 0) return "";
  const group* entry = ::getgrgid(info.st_gid);
  return entry != nullptr ? entry->gr_name : std::to_string(info.st_gid);
}

}  // namespace

Machine::Machine() : usable([](const fs::path& path) { return ::access(path.c_str(), R_OK | W_OK) == 0; }) {}

std::vector<Check> processor_checks(const Machine& machine) {
  static const std::set<std::string> known = {"sse4_1",  "avx",      "avx2",     "fma",         "avx_vnni",
                                              "avx512f", "avx512bw", "avx512vl", "avx512_vnni", "amx_int8",
                                              "asimd",   "asimddp",  "i8mm",     "sve",         "sve2"};
  std::ifstream info(machine.file("/proc/cpuinfo"));
  std::string features;
  for (std::string line; features.empty() && std::getline(info, line);) {
    if (line.rfind("flags", 0) != 0 && line.rfind("Features", 0) != 0) continue;
    std::istringstream words(line.substr(std::min(line.size(), line.find(':') + 1)));
    for (std::string word; words >> word;) {
      if (known.count(word) != 0) features += (features.empty() ? "" : " ") + word;
    }
    if (features.empty()) features = "none";
  }
  const std::string threads = std::to_string(std::thread::hardware_concurrency()) + " threads";
  return {{"processor", "ok", cpu_name() + ", " + threads, ""},
          {"CPU features", features.empty() ? "absent" : "ok",
           features.empty() ? "/proc/cpuinfo does not list them" : features + " (of those kernels ask for)",
           features.empty() ? "nothing to do: kernels are chosen by what the processor itself reports" : ""}};
}

std::vector<Check> memory_checks(const Machine& machine) {
  std::ifstream info(machine.file("/proc/meminfo"));
  std::string key;
  for (double kib = 0; info >> key >> kib; info.ignore(64, '\n')) {
    if (key != "MemAvailable:") continue;
    const double gib = kib / (1024.0 * 1024.0);
    std::ostringstream text;
    text.precision(2);
    text << gib << " GiB available";
    if (gib < 1.0)
      return {{"memory", "problem", text.str(), "free at least 1 GiB; the simulated accelerator and 60 M parameters need it"}};
    return {{"memory", "ok", text.str(), ""}};
  }
  return {{"memory", "absent", "/proc/meminfo does not tell", "nothing to do"}};
}

std::vector<Check> board_checks(const Machine& machine) {
  std::vector<Check> rows;
  for (const fs::path& device : sorted_entries(machine.file("/sys/bus/pci/devices"))) {
    if (first_word(device / "vendor") != "0x10ee") continue;
    const std::string driver = driver_of(device);
    const std::string name = "card " + device.filename().string();
    const std::string found = "PCI 10ee:" + first_word(device / "device") + ", driver " + (driver.empty() ? "none" : driver);
    if (driver.empty())
      rows.push_back({name, "problem", found, "load XRT's driver (modprobe xocl), or install XRT for this kernel again"});
    else
      rows.push_back({name, "ok", found + (driver == "xclmgmt" ? " (management function)" : ""), ""});
  }
  const std::string model = board_model(machine);
  if (model.find("ZynqMP") != std::string::npos || model.find("ZCU") != std::string::npos || is_kria(model)) {
    const bool driven = !render_nodes(machine).empty();
    if (driven)
      rows.push_back({"board", "ok", model + ", driver zocl", ""});
    else
      rows.push_back({"board", "problem", model + ", no device of the driver zocl",
                      is_kria(model)
                          ? "load the application, which brings zocl: sudo xmutil unloadapp; sudo xmutil loadapp squat"
                          : "boot an image whose device tree has the node zyxclmm_drm (docs/start/zcu102.md)"});
  }
  if (rows.empty())
    rows.push_back({"board", "absent", "no Xilinx device on PCI, no Zynq board", "nothing to do: --device sim needs no board"});
  return rows;
}

std::vector<Check> permission_checks(const Machine& machine) {
  std::vector<Check> rows;
  for (const RenderNode& node : render_nodes(machine)) {
    const fs::path path = machine.file(node.node);
    std::error_code ignored;
    const std::string name = "permission " + node.node.string();
    if (!fs::exists(path, ignored)) {
      rows.push_back({name, "problem", "the driver " + node.driver + " is bound, but the node does not exist",
                      "udevadm trigger, or reboot; in a container pass --device " + node.node.string()});
    } else if (machine.usable(path)) {
      rows.push_back({name, "ok", "readable and writable, driver " + node.driver, ""});
    } else {
      const std::string group = group_name(path);
      rows.push_back({name, "problem", "this user may not open it; group " + group + " may",
                      "sudo usermod -aG " + group + " $USER, then log in again"});
    }
  }
  if (rows.empty())
    rows.push_back({"permissions", "absent", "no device node of XRT's drivers (xocl, zocl) in /dev/dri",
                    "nothing to do without a board; with one see the lines above"});
  return rows;
}

std::vector<Check> application_checks(const Machine& machine) {
  if (!is_kria(board_model(machine))) return {};
  const fs::path folder = "/lib/firmware/xilinx/squat";
  std::string missing;
  for (const char* file : {"squat.bit.bin", "squat.dtbo", "shell.json", "squat.xclbin"}) {
    std::error_code ignored;
    if (!fs::is_regular_file(machine.file(folder / file), ignored))
      missing += (missing.empty() ? "" : ", ") + std::string(file);
  }
  if (missing.empty()) return {{"application", "ok", folder.string() + " is complete", ""}};
  return {{"application", "problem", folder.string() + " lacks " + missing,
           "build and copy it: make -C bitstreams app BOARD=kv260 (docs/start/kv260.md)"}};
}

}  // namespace squat::cli
