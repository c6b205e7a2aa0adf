// SPDX-License-Identifier: Apache-2.0
#include "host/cli/devices.hpp"

#include <algorithm>
#include <chrono>
#include <set>
#include <utility>

#include "host/backends/accelerator/transport_link.hpp"
#include "host/backends/cpu/cpu_device.hpp"
#include "host/backends/ref/ref_device.hpp"
#include "host/backends/xrt/open_transport.hpp"
#include "host/cli/arm_model_device.hpp"
#include "host/cli/progress.hpp"
#include "host/cli/stop_signals.hpp"
#include "host/engine/accelerator_device.hpp"
#include "host/estimate/estimate_link.hpp"
#ifdef SQUAT_HAVE_SIM_KERNEL
#include "sim/direct_transport.hpp"
#endif

namespace squat::cli {
namespace {

/// Simulation options from the environment and --config.
backends::SimulationOptions simulation_options(const CommonOptions& common) {
  backends::SimulationOptions options = backends::options_from_environment();
  if (!common.config.empty()) options.config = common.config;
  return options;
}

/// What the sizes of an accelerator say about it.
void describe(OpenDevice& opened, const engine::AcceleratorLimits& limits) {
  const spec::Config* config = engine::config_with(limits);
  opened.limits = limits;
  opened.config = config != nullptr ? config->name : "unknown";
  opened.clock_mhz = static_cast<int>(config != nullptr ? config->clock_mhz : spec::kSimClockMhz);
}

backends::TransportKind kind_of(const std::string& name, const CommonOptions& common) {
  if (name != "sim") {
    if (!common.xclbin.empty()) return backends::TransportKind::kFpga;
    throw Error(ExitCode::kDeviceUnavailable,
                "--device fpga needs --xclbin FILE, the accelerator built for this board (see bitstreams/); "
                "without a board use --device sim");
  }
  if (common.transport == "xrt") return backends::TransportKind::kSimXrt;
  if (common.transport == "direct") return backends::TransportKind::kSimDirect;
  const backends::TransportKind kind = backends::best_simulation(backends::default_root());
  if (kind == backends::TransportKind::kSimDirect && !common.xclbin.empty()) {
    throw usage_error(
        "--xclbin: sim runs without XRT here and loads no device program; leave it out (squat doctor says what "
        "XRT lacks)");
  }
  return kind;
}

OpenDevice open_accelerator(const std::string& name, const model::IntegerModel& m, const CommonOptions& common,
                            unsigned number) {
  const backends::TransportKind kind = kind_of(name, common);
  backends::TransportOptions options;
  options.simulation = simulation_options(common);
  options.xclbin = common.xclbin;
  options.device_index = number;
  options.time_limit = std::chrono::milliseconds(static_cast<std::int64_t>(common.time_limit * 1000));
  watch_stop_signals();
  options.stop = [] { return stop_signal() != 0; };
  if (common.numbers.size() < 2) options.progress = show_simulation;  // one line has room for one device
  for (const unsigned other : common.numbers) options.simulation.devices = std::max(options.simulation.devices, other + 1);
#ifdef SQUAT_HAVE_SIM_KERNEL
  options.direct = sim::open_direct_transport;
#endif
  auto link = std::make_unique<backends::TransportLink>([kind, options] { return backends::open_transport(kind, options); },
                                                        options.time_limit);
  OpenDevice opened;
  opened.number = number;
  opened.transport = link->name();
  opened.source = link->cycle_source();
  if (opened.source == "rtl-simulated") opened.ddr = backends::description(options.simulation.memory());
  describe(opened, link->limits());
  opened.device = std::make_unique<engine::AcceleratorDevice>(m, std::move(link), name);
  return opened;
}

/// The accelerator's timing alone, with the memory that sim would have.
OpenDevice open_estimate(const model::IntegerModel& m, const CommonOptions& common) {
  const backends::SimulationOptions simulation = simulation_options(common);
  if (simulation.stall_seed != 0 || simulation.fault.read_burst != 0 || simulation.fault.write_burst != 0) {
    throw usage_error(
        "--device estimate knows no random stalls and no faults; unset SQUAT_SIM_STALL_SEED, SQUAT_SIM_FAULT_READ and "
        "SQUAT_SIM_FAULT_WRITE, or use --device sim");
  }
  const backends::DdrParameters ddr = simulation.memory();
  auto link = std::make_unique<estimate::EstimateLink>(ddr, engine::limits_of(*engine::config_named(simulation.config)));
  OpenDevice opened;
  opened.ddr = backends::description(ddr);
  opened.source = link->cycle_source();
  describe(opened, link->limits());
  opened.device = std::make_unique<engine::AcceleratorDevice>(m, std::move(link), "estimate");
  return opened;
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

CommonOptions options_for(CommonOptions common, const std::vector<std::string>& devices) {
  const auto has = [&](const char* name) { return std::find(devices.begin(), devices.end(), name) != devices.end(); };
  const bool sim = has("sim"), fpga = has("fpga");
  if (!common.xclbin.empty() && !sim && !fpga) {
    throw usage_error("--xclbin names an accelerator's device program; give --device fpga with it, or leave it out");
  }
  if (!common.xclbin.empty() && !fpga && common.transport == "direct") {
    throw usage_error("--xclbin: --transport direct loads no device program; leave one of the two out");
  }
  if (!common.config.empty() && !sim && !has("estimate")) {
    throw usage_error(
        "--config chooses the accelerator that is simulated; give --device sim or estimate with it, or leave it out");
  }
  if (common.transport != "auto" && !sim) {
    throw usage_error("--transport says how the simulated accelerator is reached; give --device sim with it, or leave it out");
  }
  if (!common.numbers.empty() && !sim && !fpga) {
    throw usage_error("--devices numbers accelerators; give --device sim or fpga with it, or leave it out");
  }
  if (common.time_limit > 0 && !sim && !fpga) {
    throw usage_error("--time-limit is for accelerators; give --device sim or fpga with it, or leave it out");
  }
  if (std::set<unsigned>(common.numbers.begin(), common.numbers.end()).size() != common.numbers.size()) {
    throw usage_error("--devices names a device twice; give each number once");
  }
  if (sim && fpga) {
    if (common.transport == "xrt") {
      throw usage_error("--transport xrt: XRT reaches either the board or the emulation in one run; leave it out");
    }
    common.transport = "direct";
  }
  return common;
}

OpenDevice open_device(const std::string& name, const model::IntegerModel& m, const CommonOptions& common) {
  if (common.numbers.size() > 1) {
    throw usage_error("--devices: this command uses one device at a time; give one number (eval and bench take several)");
  }
  return std::move(open_devices(name, m, common).front());
}

std::vector<OpenDevice> open_devices(const std::string& name, const model::IntegerModel& m, const CommonOptions& common) {
  std::vector<OpenDevice> opened;
  if (name == "sim" || name == "fpga") {
    if (common.numbers.empty()) opened.push_back(open_accelerator(name, m, common, 0));
    for (const unsigned number : common.numbers) opened.push_back(open_accelerator(name, m, common, number));
    return opened;
  }
  if (name == "estimate") {
    opened.push_back(open_estimate(m, common));
    return opened;
  }
  opened.emplace_back();
  opened.back().source = name == "arm-model" ? "modelled" : "measured";
  if (name == "arm-model") {
    opened.back().device = std::make_unique<ArmModelDevice>(m);
  } else if (name == "ref") {
    opened.back().device = std::make_unique<backends::RefDevice>(m);
  } else {
    opened.back().device = std::make_unique<backends::CpuDevice>(m, backends::CpuOptions{common.kernel, common.threads});
  }
  return opened;
}

}  // namespace squat::cli
