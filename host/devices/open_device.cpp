// SPDX-License-Identifier: Apache-2.0
#include "host/devices/open_device.hpp"

#include <algorithm>
#include <filesystem>
#include <functional>
#include <future>
#include <set>
#include <utility>

#include "host/backends/accelerator/transport_link.hpp"
#include "host/backends/cpu/cpu_device.hpp"
#include "host/backends/ref/ref_device.hpp"
#include "host/backends/xrt/open_transport.hpp"
#include "host/backends/xrt/plugin_interface.hpp"
#include "host/devices/arm_model_device.hpp"
#include "host/engine/accelerator_device.hpp"
#include "host/estimate/estimate_link.hpp"
#include "host/model/error.hpp"
#ifdef SQUAT_HAVE_SIM_KERNEL
#include "sim/direct_transport.hpp"
#endif

namespace squat::devices {
namespace {

/// Simulation options from the environment and the configuration asked for.
backends::SimulationOptions simulation_options(const DeviceOptions& how) {
  backends::SimulationOptions options = backends::options_from_environment();
  if (!how.config.empty()) options.config = how.config;
  return options;
}

/// What the sizes of an accelerator say about it.
void describe(OpenDevice& opened, const engine::AcceleratorLimits& limits) {
  const spec::Config* config = engine::config_with(limits);
  opened.limits = limits;
  opened.config = config != nullptr ? config->name : "unknown";
  opened.clock_mhz = static_cast<int>(config != nullptr ? config->clock_mhz : spec::kSimClockMhz);
}

backends::TransportKind kind_of(const std::string& name, const DeviceOptions& how) {
  if (name != "sim") {
    if (!how.xclbin.empty()) return backends::TransportKind::kFpga;
    throw Error(ExitCode::kDeviceUnavailable,
                "--device fpga needs --xclbin FILE, the accelerator built for this board (see bitstreams/); "
                "without a board use --device sim");
  }
  if (how.transport == "xrt") return backends::TransportKind::kSimXrt;
  if (how.transport == "direct") return backends::TransportKind::kSimDirect;
  const backends::TransportKind kind = backends::best_simulation(backends::default_root());
  if (kind == backends::TransportKind::kSimDirect && !how.xclbin.empty()) {
    throw usage_error(
        "--xclbin: sim runs without XRT here and loads no device program; leave it out (squat doctor says what "
        "XRT lacks)");
  }
  return kind;
}

backends::TransportOptions transport_options(const DeviceOptions& how, unsigned number) {
  backends::TransportOptions options;
  options.simulation = simulation_options(how);
  options.xclbin = how.xclbin;
  options.device_index = number;
  options.time_limit = how.time_limit;
  options.stop = how.stop;
  options.progress = how.progress;
  for (const unsigned other : how.numbers) options.simulation.devices = std::max(options.simulation.devices, other + 1);
#ifdef SQUAT_HAVE_SIM_KERNEL
  options.direct = sim::open_direct_transport;
#endif
  return options;
}

/// What opens the link; another thread may call it.
std::function<std::unique_ptr<backends::TransportLink>()> open_link(backends::TransportKind kind,
                                                                    const backends::TransportOptions& options) {
  return [open = backends::prepare_transport(kind, options), limit = options.time_limit] {
    return std::make_unique<backends::TransportLink>(open, limit);
  };
}

OpenDevice open_accelerator(const std::string& name, const model::IntegerModel& m, const DeviceOptions& how, unsigned number,
                            Opening begun = {}) {
  const backends::TransportKind kind = kind_of(name, how);
  const backends::TransportOptions options = transport_options(how, number);
  if (!begun.valid()) begun = std::async(std::launch::deferred, open_link(kind, options));
  std::unique_ptr<backends::TransportLink> link = begun.get();
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
OpenDevice open_estimate(const model::IntegerModel& m, const DeviceOptions& how) {
  const backends::SimulationOptions simulation = simulation_options(how);
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

DeviceOptions options_for(DeviceOptions options, const std::vector<std::string>& names) {
  const auto has = [&](const char* name) { return std::find(names.begin(), names.end(), name) != names.end(); };
  const bool sim = has("sim"), fpga = has("fpga");
  if (!options.xclbin.empty() && !sim && !fpga) {
    throw usage_error("--xclbin names an accelerator's device program; give --device fpga with it, or leave it out");
  }
  if (!options.xclbin.empty() && !fpga && options.transport == "direct") {
    throw usage_error("--xclbin: --transport direct loads no device program; leave one of the two out");
  }
  if (!options.config.empty() && !sim && !has("estimate")) {
    throw usage_error(
        "--config chooses the accelerator that is simulated; give --device sim or estimate with it, or leave it out");
  }
  if (options.transport != "auto" && !sim) {
    throw usage_error("--transport says how the simulated accelerator is reached; give --device sim with it, or leave it out");
  }
  if (!options.numbers.empty() && !sim && !fpga) {
    throw usage_error("--devices numbers accelerators; give --device sim or fpga with it, or leave it out");
  }
  if (options.time_limit.count() > 0 && !sim && !fpga) {
    throw usage_error("--time-limit is for accelerators; give --device sim or fpga with it, or leave it out");
  }
  if (std::set<unsigned>(options.numbers.begin(), options.numbers.end()).size() != options.numbers.size()) {
    throw usage_error("--devices names a device twice; give each number once");
  }
  if (sim && fpga) {
    if (options.transport == "xrt") {
      throw usage_error("--transport xrt: XRT reaches either the board or the emulation in one run; leave it out");
    }
    options.transport = "direct";
  }
  return options;
}

std::vector<std::string> available_devices() {
  std::vector<std::string> names = {"cpu", "ref"};
  const std::string root = backends::default_root();
#ifdef SQUAT_HAVE_SIM_KERNEL
  const bool inside = true;
#else
  const bool inside = false;
#endif
  if (inside || backends::best_simulation(root) == backends::TransportKind::kSimXrt) names.emplace_back("sim");
  std::error_code ignored;
  if (std::filesystem::exists(std::filesystem::path(root) / "lib" / backends::kPluginFile, ignored)) names.emplace_back("fpga");
  return names;
}

Opening begin_opening(const std::string& name, const DeviceOptions& options) {
  if (name != "sim" || options.numbers.size() > 1) return {};
  const unsigned number = options.numbers.empty() ? 0 : options.numbers.front();
  try {
    return std::async(std::launch::async, open_link(kind_of(name, options), transport_options(options, number)));
  } catch (const Error&) {
    return {};
  }
}

std::vector<OpenDevice> open_devices(const std::string& name, const model::IntegerModel& m, const DeviceOptions& options,
                                     Opening begun) {
  std::vector<OpenDevice> opened;
  if (name == "sim" || name == "fpga") {
    if (options.numbers.size() < 2) {
      const unsigned number = options.numbers.empty() ? 0 : options.numbers.front();
      opened.push_back(open_accelerator(name, m, options, number, std::move(begun)));
      return opened;
    }
    for (const unsigned number : options.numbers) opened.push_back(open_accelerator(name, m, options, number));
    return opened;
  }
  if (name == "estimate") {
    opened.push_back(open_estimate(m, options));
    return opened;
  }
  std::unique_ptr<engine::Device> device;
  if (name == "cpu") {
    device = std::make_unique<backends::CpuDevice>(m, backends::CpuOptions{options.kernel, options.threads});
  } else if (name == "ref") {
    device = std::make_unique<backends::RefDevice>(m);
  } else if (name == "arm-model") {
    device = std::make_unique<ArmModelDevice>(m);
  } else {
    throw usage_error("device '" + name + "': expected cpu, ref, sim, fpga, estimate or arm-model");
  }
  opened.emplace_back();
  opened.back().source = name == "arm-model" ? "modelled" : "measured";
  opened.back().device = std::move(device);
  return opened;
}

}  // namespace squat::devices
