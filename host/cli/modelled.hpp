// SPDX-License-Identifier: Apache-2.0
// Rows of --device arm-model: what the passes of a phase would cost on every core of host/arm_model/.
#pragma once

#include <nlohmann/json.hpp>
#include <vector>

#include "host/arm_model/pass_cost.hpp"
#include "host/engine/device.hpp"

namespace squat::cli {

class ModelledPhase {
 public:
  void add(const model::IntegerModel& m, int first, const engine::PassResult& result);

  /// Fields of the row on one core: "config" is its name, "ms_per_token" the pessimistic end of the range.
  void describe(nlohmann::ordered_json& row, const arm_model::Core& core, int tokens, int threads) const;

 private:
  std::vector<arm_model::Cost> costs_ = std::vector<arm_model::Cost>(arm_model::cores().size());
  double bytes_ = 0;
};

}  // namespace squat::cli
