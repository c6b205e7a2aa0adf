// SPDX-License-Identifier: Apache-2.0
// The baseline of every table: this machine's processor with FP16 weights.
#pragma once

#include <functional>
#include <nlohmann/json.hpp>
#include <string>

#include "host/cli/measure.hpp"
#include "host/model/model_config.hpp"

namespace squat::cli {

/// Rows "prefill" and "decode" of seeded random FP16 weights of a shape, sums and cache in FP32, measured as `measure` does:
/// device "cpu", weight_bits 16, activations "16", rho and eight_bit_share null. With options.limit the columns of
/// roofline.hpp.
nlohmann::ordered_json measure_float(const model::ModelConfig& config, const std::string& shape, const MeasureOptions& options,
                                     int threads, const std::function<void(int done, int total)>& progress);

}  // namespace squat::cli
