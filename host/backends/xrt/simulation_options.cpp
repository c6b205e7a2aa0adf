// SPDX-License-Identifier: Apache-2.0
#include "host/backends/xrt/simulation_options.hpp"

#include <algorithm>
#include <cerrno>
#include <cstdlib>

#include "host/model/error.hpp"
#include "hw/gen/squat_spec.hpp"

namespace squat::backends {
namespace {

void set(const char* name, const std::string& value) {
  if (value.empty())
    ::unsetenv(name);
  else
    ::setenv(name, value.c_str(), 1);
}

void set(const char* name, std::uint64_t value) { set(name, value != 0 ? std::to_string(value) : std::string()); }

/// Unsigned numbers separated by commas into `values`; leaves them alone and says false when the variable is not set.
template <std::size_t N>
bool get(const char* name, std::uint64_t (&values)[N]) {
  const char* text = std::getenv(name);
  if (text == nullptr || *text == 0) return false;
  const char* at = text;
  for (std::size_t i = 0; i < N; ++i) {
    char* end = nullptr;
    errno = 0;
    values[i] = std::strtoull(at, &end, 10);
    if (end == at || errno != 0 || *end != (i + 1 < N ? ',' : 0))
      throw usage_error(std::string(name) + "=" + text + ": expected " + std::to_string(N) +
                        " unsigned numbers separated by commas");
    at = end + 1;
  }
  return true;
}

}  // namespace

std::vector<std::string> configuration_names() {
  std::vector<std::string> names;
  for (const spec::Config& config : spec::kConfigs) names.emplace_back(config.name);
  return names;
}

DdrParameters default_ddr(const std::string& config) {
  for (const spec::Config& c : spec::kConfigs) {
    if (c.name != config) continue;
    DdrParameters ddr;
    ddr.bytes_per_cycle = 4 * c.axi_bits / 8;
    return ddr;
  }
  throw usage_error("no such configuration of the accelerator: " + config);
}

void export_to_environment(const SimulationOptions& o) {
  set("SQUAT_SIM_CONFIG", o.config == SimulationOptions{}.config ? std::string() : o.config);
  const DdrParameters d = o.memory();
  set("SQUAT_SIM_DDR", d == default_ddr(o.config) ? std::string()
                                                  : std::to_string(d.bytes_per_cycle) + "," + std::to_string(d.latency) + "," +
                                                        std::to_string(d.refresh_cycles) + "," +
                                                        std::to_string(d.refresh_period) + "," + std::to_string(d.turnaround));
  set("SQUAT_SIM_STALL_SEED", o.stall_seed);
  set("SQUAT_SIM_FAULT_READ", o.fault.read_burst);
  set("SQUAT_SIM_FAULT_WRITE", o.fault.write_burst);
  set("SQUAT_SIM_TRACE", o.trace);
  set("SQUAT_SIM_CYCLE_LIMIT", o.cycle_limit);
  set("SQUAT_SIM_DEVICES", o.devices == SimulationOptions{}.devices ? 0 : o.devices);
}

SimulationOptions options_from_environment() {
  SimulationOptions o;
  std::uint64_t ddr[5] = {};
  const bool has_ddr = get("SQUAT_SIM_DDR", ddr);
  if (has_ddr && (ddr[0] == 0 || ddr[0] % 16 != 0 || ddr[0] > 1024))
    throw usage_error("SQUAT_SIM_DDR: bytes per cycle must be a multiple of 16 between 16 and 1024");
  if (has_ddr && ddr[3] != 0 && ddr[2] >= ddr[3])
    throw usage_error("SQUAT_SIM_DDR: the refresh must be shorter than its period");
  if (has_ddr) {
    o.ddr = DdrParameters{static_cast<unsigned>(ddr[0]), static_cast<unsigned>(ddr[1]), static_cast<unsigned>(ddr[2]),
                          static_cast<unsigned>(ddr[3]), static_cast<unsigned>(ddr[4])};
  }
  std::uint64_t value[1] = {0};
  get("SQUAT_SIM_STALL_SEED", value);
  o.stall_seed = value[0];
  value[0] = 0;
  get("SQUAT_SIM_FAULT_READ", value);
  o.fault.read_burst = value[0];
  value[0] = 0;
  get("SQUAT_SIM_FAULT_WRITE", value);
  o.fault.write_burst = value[0];
  value[0] = 0;
  get("SQUAT_SIM_CYCLE_LIMIT", value);
  o.cycle_limit = value[0];
  value[0] = o.devices;
  get("SQUAT_SIM_DEVICES", value);
  if (value[0] == 0 || value[0] > 16) throw usage_error("SQUAT_SIM_DEVICES: expected 1 to 16 devices");
  o.devices = static_cast<unsigned>(value[0]);
  if (const char* trace = std::getenv("SQUAT_SIM_TRACE")) o.trace = trace;
  if (const char* config = std::getenv("SQUAT_SIM_CONFIG"); config != nullptr && *config != 0) {
    o.config = config;
    const std::vector<std::string> names = configuration_names();
    if (std::find(names.begin(), names.end(), o.config) == names.end()) {
      std::string known;
      for (const std::string& name : names) known += (known.empty() ? "" : ", ") + name;
      throw usage_error("SQUAT_SIM_CONFIG=" + o.config + ": no such configuration; expected one of " + known);
    }
  }
  return o;
}

}  // namespace squat::backends
