// SPDX-License-Identifier: Apache-2.0
#include "host/cli/modelled.hpp"

#include <algorithm>
#include <cmath>

namespace squat::cli {

void ModelledPhase::add(const model::IntegerModel& m, int first, const engine::PassResult& result) {
  for (std::size_t i = 0; i < costs_.size(); ++i) {
    const arm_model::Core& core = arm_model::cores()[i];
    costs_[i] += arm_model::pass_cost(arm_model::CostTable(core.kernel, core.name), m, first, result.tokens,
                                      result.eight_tokens_per_layer);
  }
  bytes_ += arm_model::pass_bytes(m, first, result.tokens);
}

void ModelledPhase::describe(nlohmann::ordered_json& row, const arm_model::Core& core, int tokens, int threads) const {
  const arm_model::Cost& cost = costs_[static_cast<std::size_t>(&core - arm_model::cores().data())];
  const arm_model::Milliseconds range = arm_model::time_range(core, cost, bytes_, threads);
  row["config"] = core.name;
  row["ms_per_token"] = range.most / tokens;
  row["source"] = "modelled";
  row["ms_per_token_min"] = range.least / tokens;
  row["ms_per_token_max"] = range.most / tokens;
  row["instructions"] = static_cast<std::uint64_t>(std::llround(cost.instructions));
  row["megabytes"] = bytes_ * 1e-6;
  row["clock_mhz"] = core.clock_mhz;
  row["core_kernel"] = core.kernel;
  row["core_threads"] = std::min(threads, core.count);
}

}  // namespace squat::cli
