// SPDX-License-Identifier: Apache-2.0
#include "host/cli/checks.hpp"

#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <sstream>
#include <thread>

#include "host/backends/ref/ref_device.hpp"
#include "host/cli/compare_devices.hpp"
#include "host/cli/devices.hpp"
#include "host/cli/shapes.hpp"
#include "host/cli/version.hpp"
#include "host/model/error.hpp"
#include "host/quantize/random_model.hpp"

namespace squat::cli {
namespace {

namespace fs = std::filesystem;

Check cpu_features() {
  std::ifstream info("/proc/cpuinfo");
  std::string flags;
  for (std::string line; flags.empty() && std::getline(info, line);) {
    if (line.compare(0, 5, "flags") == 0 || line.compare(0, 8, "Features") == 0) flags = line + " ";
  }
  std::string found;
  for (const char* name : {"avx2", "avx_vnni", "avx512_vnni", "asimd", "asimddp", "i8mm"}) {
    if (flags.find(std::string(" ") + name + " ") != std::string::npos) found += std::string(" ") + name;
  }
  return {"processor", "ok",
          cpu_name() + ", " + std::to_string(std::thread::hardware_concurrency()) + " threads;" +
              (found.empty() ? " no vector extension that squat uses" : found),
          ""};
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

/// Runs a device against the golden model on a small random model.
Check device_check(const std::string& name, const std::string& fix) {
  const std::string title = "device " + name;
  try {
    const model::IntegerModel m = quantize::random_model(named_shape("tiny"), 4, {}, 0);
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
  return {
      {"compiler", "ok", compiler_text(), ""},
      {"hardware description", "ok", "spec hash " + spec_hash_text(), ""},
      cpu_features(),
      memory(),
      {"tokenizer", "ok", "SentencePiece is built in", ""},
      device_check("cpu", "build it on x86-64 or arm64"),
      device_check("sim", "install verilator 5.006 or later and build again (scripts/demo.sh does both)"),
  };
}

}  // namespace squat::cli
