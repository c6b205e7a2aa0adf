// SPDX-License-Identifier: Apache-2.0
#include "host/cli/checks.hpp"

#include <chrono>
#include <filesystem>

#include "host/backends/cpu/kernel_choice.hpp"
#include "host/backends/ref/ref_device.hpp"
#include "host/backends/xrt/open_transport.hpp"
#include "host/backends/xrt/plugin_interface.hpp"
#include "host/cli/compare_devices.hpp"
#include "host/cli/devices.hpp"
#include "host/cli/machine.hpp"
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

constexpr std::chrono::seconds kQuick{5}, kSlow{60}, kSimulated{120};

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

bool present(const fs::path& path) {
  std::error_code ignored;
  return fs::exists(path, ignored);
}

Check built_file(const std::string& name, const fs::path& path, const std::string& fix) {
  if (present(path)) return {name, "ok", path.string(), ""};
  return {name, "absent", path.string() + " does not exist", fix};
}

Check mpi() {
#ifdef SQUAT_HAVE_TRAINER
  try {
    const std::string version = qat::mpi_version(backends::default_root());
    if (!version.empty()) return {"MPI", "ok", version, ""};
  } catch (const Error& error) {
    return {"MPI", "problem", error.what(), "apt-get install openmpi-bin"};
  }
  return {"MPI", "absent", "not found when squat was built: training runs as one process",
          "apt-get install libopenmpi-dev openmpi-bin, then build again"};
#else
  return {"MPI", "absent", "this build has no trainer", "apt-get install libeigen3-dev, then build again"};
#endif
}

/// Runs a device against the golden model on a small random model.
Check device_check(const std::string& name, const std::string& fix, const std::string& xclbin = "") {
  const std::string title = "device " + name;
  try {
    const model::IntegerModel m = quantize::random_model(quantize::shape_config("tiny"), 4, {}, 0);
    CommonOptions common;
    common.xclbin = xclbin;
    const OpenDevice opened = open_device(name, m, common);
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

std::vector<Check> run_checks(const std::string& xclbin) {
  const fs::path root = backends::default_root();
  const std::string build =
      "install libxrt-dev 2.13, uuid-dev and verilator 5.006 or later, then build again; until then sim runs without XRT";
  std::vector<Check> rows;
  const auto probe = [&](const char* name, std::chrono::milliseconds limit, const std::function<std::vector<Check>()>& f) {
    for (Check& check : run_probe(name, limit, f)) rows.push_back(std::move(check));
  };
  const Machine machine;
  probe("build", kQuick, [&]() -> std::vector<Check> {
    return {{"compiler", "ok", compiler_text(), ""},
            {"hardware description", "ok", "spec hash " + spec_hash_text(), ""},
            {"tokenizers", "ok", "SentencePiece (tokenizer.model), byte-level BPE with ICU (tokenizer.json)", ""}};
  });
  probe("processor", kQuick, [&] { return processor_checks(machine); });
  probe("kernels", kSlow, [] { return std::vector<Check>{kernels()}; });
  probe("memory", kQuick, [&] { return memory_checks(machine); });
  probe("XRT", kQuick, xrt_checks);
  probe("parts", kQuick, [&]() -> std::vector<Check> {
    return {built_file("XRT plug-in", root / "lib" / backends::kPluginFile, build),
            built_file("emulation library", root / "sim" / "xrt" / "lib" / "libxrt_hwemu.so.2", build),
            built_file("simulation xclbin", root / "sim" / "squat.xclbin", build)};
  });
  probe("MPI", kQuick, [] { return std::vector<Check>{mpi()}; });
  probe("board", kQuick, [&] { return board_checks(machine); });
  probe("permissions", kQuick, [&] { return permission_checks(machine); });
  probe("application", kQuick, [&] { return application_checks(machine); });
  probe("device cpu", kSlow, [] { return std::vector<Check>{device_check("cpu", "build it on x86-64 or arm64")}; });
  probe("device sim", kSimulated, [] {
    return std::vector<Check>{
        device_check("sim", "install verilator 5.006 or later and build again (scripts/demo.sh does both)")};
  });
  if (!xclbin.empty()) {
    probe("xclbin", kQuick, [&] { return xclbin_checks(xclbin); });
    probe("device fpga", kSlow, [&] {
      return std::vector<Check>{device_check("fpga", "see the lines on XRT, board, permissions and xclbin", xclbin)};
    });
  }
  return rows;
}

}  // namespace squat::cli
