// SPDX-License-Identifier: Apache-2.0
#include "host/cli/checks.hpp"

#include <dlfcn.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <thread>

#include "host/backends/cpu/kernel_choice.hpp"
#include "host/backends/ref/ref_device.hpp"
#include "host/backends/xrt/open_transport.hpp"
#include "host/backends/xrt/plugin_interface.hpp"
#include "host/cli/compare_devices.hpp"
#include "host/cli/devices.hpp"
#include "host/cli/version.hpp"
#include "host/model/error.hpp"
#include "host/quantize/random_model.hpp"
#ifdef SQUAT_HAVE_TRAINER
#include "qat/ranks/ranks.hpp"
#include "qat/tensor/kernels.hpp"
#endif

namespace squat::cli {
namespace {

namespace fs = std::filesystem;

Check processor() {
  return {"processor", "ok", cpu_name() + ", " + std::to_string(std::thread::hardware_concurrency()) + " threads", ""};
}

/// The instruction sets that are really used here, by the part that uses them.
Check kernels() {
#ifdef SQUAT_HAVE_TRAINER
  const std::string trainer = std::string("trainer: ") + qat::kernels<float>().name;
#else
  const std::string trainer = "trainer: not built (it needs Eigen)";
#endif
  const std::string cpu = backends::cpu::choose_kernels("auto").name;
  return {"kernels", "ok", "cpu device: " + cpu + " of " + backends::cpu::kernel_names() + "; " + trainer, ""};
}

Check memory() {
  std::ifstream info("/proc/meminfo");
  std::string key;
  for (double kib = 0; info >> key >> kib; info.ignore(64, '\n')) {
    if (key != "MemAvailable:") continue;
    const double gib = kib / (1024.0 * 1024.0);
    std::ostringstream text;
    text.precision(2);
    text << gib << " GiB available";
    if (gib < 1.0)
      return {"memory", "problem", text.str(), "free at least 1 GiB; the simulated accelerator and 60 M parameters need it"};
    return {"memory", "ok", text.str(), ""};
  }
  return {"memory", "absent", "/proc/meminfo does not tell", "nothing to do"};
}

bool present(const fs::path& path) {
  std::error_code ignored;
  return fs::exists(path, ignored);
}

/// The run-time library of XRT, as the plug-in would load it.
Check xrt() {
  const std::string built = std::string("built against XRT ") + SQUAT_XRT_VERSION;
  if (std::string(SQUAT_XRT_VERSION).empty()) {
    return {"XRT", "absent", "not found when squat was built", "apt-get install libxrt-dev uuid-dev, then build again"};
  }
  void* library = ::dlopen("libxrt_coreutil.so.2", RTLD_LAZY | RTLD_LOCAL);
  if (library == nullptr)
    return {"XRT", "problem", built + ", but libxrt_coreutil.so.2 does not load", "install the same XRT again"};
  ::dlclose(library);
  return {"XRT", "ok", built, ""};
}

Check xrt_environment() {
  const char* root = std::getenv("XILINX_XRT");
  if (root == nullptr)
    return {"XILINX_XRT", "absent", "not set",
            "for --device fpga: source /opt/xilinx/xrt/setup.sh, or where XRT is installed; --device sim sets it itself"};
  if (!present(fs::path(root) / "lib"))
    return {"XILINX_XRT", "problem", std::string(root) + "/lib does not exist", "source XRT's setup.sh"};
  return {"XILINX_XRT", "ok", root, ""};
}

Check built_file(const std::string& name, const fs::path& path, const std::string& fix) {
  if (present(path)) return {name, "ok", path.string(), ""};
  return {name, "absent", path.string() + " does not exist", fix};
}

Check mpi() {
#ifdef SQUAT_HAVE_TRAINER
  const std::string version = qat::mpi_version();
  if (!version.empty()) return {"MPI", "ok", version, ""};
  return {"MPI", "absent", "not found when squat was built: training runs as one process",
          "apt-get install libopenmpi-dev openmpi-bin, then build again"};
#else
  return {"MPI", "absent", "this build has no trainer", "apt-get install libeigen3-dev, then build again"};
#endif
}

/// Xilinx and AMD cards have PCI vendor 10ee; a Kria has no PCI but a device-tree model.
Check board() {
  std::error_code ignored;
  for (const auto& device : fs::directory_iterator("/sys/bus/pci/devices", ignored)) {
    std::string vendor;
    std::ifstream(device.path() / "vendor") >> vendor;
    if (vendor == "0x10ee") return {"board", "ok", "PCI device " + device.path().filename().string(), ""};
  }
  std::string model;
  std::getline(std::ifstream("/proc/device-tree/model"), model, '\0');
  if (model.find("KV260") != std::string::npos || model.find("Kria") != std::string::npos) return {"board", "ok", model, ""};
  return {"board", "absent", "no Xilinx device on PCI, no Kria", "nothing to do: --device sim needs no board"};
}

/// Runs a device against the golden model on a small random model.
Check device_check(const std::string& name, const std::string& fix) {
  const std::string title = "device " + name;
  try {
    const model::IntegerModel m = quantize::random_model(quantize::shape_config("tiny"), 4, {}, 0);
    const OpenDevice opened = open_device(name, m, CommonOptions{});
    backends::RefDevice golden(m);
    const Comparison result = compare_devices(*opened.device, golden, {1, 2, 3, 4, 5, 6}, 5, 5, [](int, int) {});
    if (result.difference) {
      return {title, "problem",
              "differs from the golden model in " + result.difference->tensor + " of layer " +
                  std::to_string(result.difference->layer),
              "do not use its results; run squat verify and report what it says"};
    }
    const std::string how = opened.transport.empty() ? "" : " through " + opened.transport;
    return {title, "ok", "equals the golden model" + how, ""};
  } catch (const Error& error) {
    return {title, error.code() == ExitCode::kDeviceUnavailable ? "absent" : "problem", error.what(), fix};
  }
}

}  // namespace

std::vector<Check> run_checks() {
  const fs::path root = backends::default_root();
  const std::string build =
      "install libxrt-dev 2.13, uuid-dev and verilator 5.006 or later, then build again; until then sim runs without XRT";
  return {
      {"compiler", "ok", compiler_text(), ""},
      {"hardware description", "ok", "spec hash " + spec_hash_text(), ""},
      processor(),
      kernels(),
      memory(),
      {"tokenizers", "ok", "SentencePiece (tokenizer.model), byte-level BPE with ICU (tokenizer.json)", ""},
      xrt(),
      xrt_environment(),
      built_file("XRT plug-in", root / "lib" / backends::kPluginFile, build),
      built_file("emulation library", root / "sim" / "xrt" / "lib" / "libxrt_hwemu.so.2", build),
      built_file("simulation xclbin", root / "sim" / "squat.xclbin", build),
      mpi(),
      board(),
      device_check("cpu", "build it on x86-64 or arm64"),
      device_check("sim", "install verilator 5.006 or later and build again (scripts/demo.sh does both)"),
  };
}

}  // namespace squat::cli
