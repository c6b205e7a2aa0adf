// SPDX-License-Identifier: Apache-2.0
#include "host/cli/devices.hpp"

#include <utility>

#include "host/cli/progress.hpp"
#include "host/cli/stop_signals.hpp"

namespace squat::cli {
namespace {

/// With what an accelerator shows, and the signals that end its work.
devices::DeviceOptions watched_options(const std::string& name, const CommonOptions& common) {
  devices::DeviceOptions options = common;
  if (name == "sim" || name == "fpga") {
    watch_stop_signals();
    options.stop = [] { return stop_signal() != 0; };
    if (common.numbers.size() < 2) options.progress = show_simulation;  // one line has room for one device
  }
  return options;
}

}  // namespace

void add_accelerator(nlohmann::ordered_json& object, const OpenDevice& opened) {
  if (!opened.transport.empty()) object["transport"] = opened.transport;
  if (!opened.config.empty()) {
    object["config"] = opened.config;
    object["accelerator"] = std::to_string(opened.limits.rows) + " x " + std::to_string(opened.limits.columns) + " cells, " +
                            std::to_string(opened.limits.bands) + " bands, 4 read ports of " +
                            std::to_string(opened.limits.axi_bits) + " bit";
  }
  if (!opened.ddr.empty()) object["ddr"] = opened.ddr;
}

CommonOptions options_for(CommonOptions common, const std::vector<std::string>& names) {
  static_cast<devices::DeviceOptions&>(common) = devices::options_for(common, names);
  return common;
}

OpenDevice open_device(const std::string& name, const model::IntegerModel& m, const CommonOptions& common,
                       devices::Opening begun) {
  if (common.numbers.size() > 1) {
    throw usage_error("--devices: this command uses one device at a time; give one number (eval and bench take several)");
  }
  return std::move(devices::open_devices(name, m, watched_options(name, common), std::move(begun)).front());
}

devices::Opening begin_opening(const CommonOptions& common) {
  return devices::begin_opening(common.device, watched_options(common.device, common));
}

std::vector<OpenDevice> open_devices(const std::string& name, const model::IntegerModel& m, const CommonOptions& common) {
  return devices::open_devices(name, m, watched_options(name, common));
}

}  // namespace squat::cli
