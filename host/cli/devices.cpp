// SPDX-License-Identifier: Apache-2.0
#include "host/cli/devices.hpp"

#include <algorithm>
#include <utility>

#include "host/backends/accelerator/transport_link.hpp"
#include "host/backends/cpu/cpu_device.hpp"
#include "host/backends/ref/ref_device.hpp"
#include "host/backends/xrt/open_transport.hpp"
#include "host/cli/arm_model_device.hpp"
#include "host/cli/progress.hpp"
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

OpenDevice open_accelerator(const std::string& name, const model::IntegerModel& m, const CommonOptions& common) {
  backends::TransportOptions options;
  options.simulation = simulation_options(common);
  options.progress = show_simulation;
#ifdef SQUAT_HAVE_SIM_KERNEL
  options.direct = sim::open_direct_transport;
#endif
  backends::TransportKind kind = backends::TransportKind::kFpga;
  if (name == "sim") {
    kind = backends::best_simulation(backends::default_root());
    if (common.transport == "xrt") kind = backends::TransportKind::kSimXrt;
    if (common.transport == "direct") kind = backends::TransportKind::kSimDirect;
    if (kind == backends::TransportKind::kSimDirect && common.transport == "auto" && !common.xclbin.empty()) {
      throw usage_error(
          "--xclbin: sim runs without XRT here and loads no device program; leave it out (squat doctor says what "
          "XRT lacks)");
    }
  } else if (common.xclbin.empty()) {
    throw Error(ExitCode::kDeviceUnavailable,
                "--device fpga needs --xclbin FILE, the accelerator built for this board (see bitstreams/); "
                "without a board use --device sim");
  }
  options.xclbin = common.xclbin;
  std::unique_ptr<backends::Transport> transport = backends::open_transport(kind, options);
  OpenDevice opened;
  opened.transport = transport->name();
  if (transport->simulated()) opened.ddr = backends::description(options.simulation.memory());
  auto link = std::make_unique<backends::TransportLink>(std::move(transport));
  opened.source = link->cycle_source();
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
  if (sim && fpga) {
    if (common.transport == "xrt") {
      throw usage_error("--transport xrt: XRT reaches either the board or the emulation in one run; leave it out");
    }
    common.transport = "direct";
  }
  return common;
}

OpenDevice open_device(const std::string& name, const model::IntegerModel& m, const CommonOptions& common) {
  if (name == "sim" || name == "fpga") return open_accelerator(name, m, common);
  if (name == "estimate") return open_estimate(m, common);
  OpenDevice opened;
  opened.source = name == "arm-model" ? "modelled" : "measured";
  if (name == "arm-model") {
    opened.device = std::make_unique<ArmModelDevice>(m);
  } else if (name == "ref") {
    opened.device = std::make_unique<backends::RefDevice>(m);
  } else {
    opened.device = std::make_unique<backends::CpuDevice>(m, backends::CpuOptions{common.kernel, common.threads});
  }
  return opened;
}

}  // namespace squat::cli
