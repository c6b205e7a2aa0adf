// SPDX-License-Identifier: Apache-2.0
#include "host/engine/accelerator_limits.hpp"

#include <algorithm>

namespace squat::engine {

AcceleratorLimits limits_of(const spec::Config& config) {
  const auto number = [](std::uint32_t value) { return static_cast<int>(value); };
  AcceleratorLimits limits;
  limits.rows = number(config.rows);
  limits.columns = number(config.columns);
  limits.bands = number(config.bands);
  limits.axi_bits = number(config.axi_bits);
  limits.asram_depth = number(config.asram_depth);
  limits.vsram_depth = number(config.vsram_depth);
  limits.ring_depth = number(config.ring_depth);
  limits.bias_depth = number(config.bias_depth);
  limits.max_tokens = number(config.max_tokens);
  limits.max_context = number(config.max_context);
  limits.max_hidden = number(config.max_hidden);
  limits.max_layers = number(config.max_layers);
  return limits;
}

namespace {

template <typename Predicate>
const spec::Config* find_config(const Predicate& wanted) {
  const auto found = std::find_if(spec::kConfigs.begin(), spec::kConfigs.end(), wanted);
  return found == spec::kConfigs.end() ? nullptr : &*found;
}

}  // namespace

const spec::Config* config_named(const std::string& name) {
  return find_config([&name](const spec::Config& config) { return config.name == name; });
}

const spec::Config* config_with(const AcceleratorLimits& limits) {
  return find_config([&limits](const spec::Config& config) {
    const AcceleratorLimits own = limits_of(config);
    return own.rows == limits.rows && own.columns == limits.columns && own.bands == limits.bands &&
           own.axi_bits == limits.axi_bits && own.asram_depth == limits.asram_depth && own.vsram_depth == limits.vsram_depth &&
           own.ring_depth == limits.ring_depth && own.bias_depth == limits.bias_depth;
  });
}

}  // namespace squat::engine
