// SPDX-License-Identifier: Apache-2.0
// From a trained quantised model to the integer model every device runs.
#pragma once

#include <string>
#include <vector>

#include "host/model/integer_model.hpp"
#include "host/quantize/calibrate.hpp"
#include "qat/data/token_file.hpp"
#include "qat/model/language_model.hpp"

namespace squat::qat {

/// Ids for calibration: the first ones of a file, at most `most`.
std::vector<int> some_ids(const TokenFile& file, std::size_t most = std::size_t{1} << 22);

/// Score thresholds of the budget rule for the model as it is, measured with its own rounding. `widths`: those in use.
std::vector<std::uint32_t> score_thresholds(const LanguageModel& trained, int weight_bits, const model::WidthPolicy& widths,
                                            const std::vector<int>& calibration_ids,
                                            const quantize::CalibrationOptions& calibration);

/// `trained` must be quantised as in deployment_quant(weight_bits, widths), `widths` are those it was trained with. The
/// fraction bits of gate and up are measured on the trained model with its own rounding, and so are score thresholds unless
/// the rule is the budget: that one was trained with those in `widths`.
/// Throws usage_error and input_error as to_quant_scales and quantize::build_integer_model.
model::IntegerModel export_integer(const LanguageModel& trained, int weight_bits, const model::WidthPolicy& widths,
                                   const std::vector<int>& calibration_ids, const quantize::CalibrationOptions& calibration,
                                   std::vector<std::string>& warnings);

}  // namespace squat::qat
