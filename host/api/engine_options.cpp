// SPDX-License-Identifier: Apache-2.0
#include "host/api/engine_options.hpp"

#include <algorithm>

#include "hls/token_control.hpp"
#include "host/backends/xrt/simulation_options.hpp"
#include "host/model/error.hpp"

namespace squat::api {
namespace {

void require_name(const char* option, const std::string& value, const std::vector<std::string>& names) {
  if (std::find(names.begin(), names.end(), value) != names.end()) return;
  std::string list;
  for (const std::string& name : names) list += (list.empty() ? "" : ", ") + name;
  throw usage_error(std::string(option) + " is '" + value + "': expected one of " + list);
}

void require_range(const char* option, long long value, long long low, long long high) {
  if (value >= low && value <= high) return;
  throw usage_error(std::string(option) + " is " + std::to_string(value) + ": expected " + std::to_string(low) + " to " +
                    std::to_string(high));
}

}  // namespace

devices::DeviceOptions device_options(const EngineOptions& options) {
  require_name("device", options.device, {"cpu", "ref", "sim", "fpga"});
  require_name("transport", options.transport, {"auto", "xrt", "direct"});
  if (!options.config.empty()) require_name("config", options.config, backends::configuration_names());
  require_range("threads", options.threads, 1, 256);
  require_range("number", options.number, 0, 15);
  if (options.time_limit.count() != 0) require_range("time_limit in ms", options.time_limit.count(), 100, 86'400'000);
  devices::DeviceOptions how;
  how.threads = options.threads;
  how.kernel = options.kernel;
  how.transport = options.transport;
  how.config = options.config;
  how.xclbin = options.xclbin;
  if (options.number != 0) how.numbers = {options.number};
  how.time_limit = options.time_limit;
  how.stop = options.stop;
  return devices::options_for(how, {options.device});
}

void check(const GenerateOptions& options) {
  require_range("tokens", options.tokens, 1, 1 << 20);
  require_range("chunk", options.chunk, 1, hls::kMaxChunk);
}

}  // namespace squat::api
