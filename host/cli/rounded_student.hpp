// SPDX-License-Identifier: Apache-2.0
// A model that trains with rounding, from floating point to the integer model it becomes.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "host/cli/train_flags.hpp"
#include "host/cli/width_flags.hpp"
#include "host/model/float_model.hpp"
#include "host/model/integer_model.hpp"
#include "host/quantize/calibrate.hpp"
#include "qat/model/language_model.hpp"
#include "qat/quant/quant_config.hpp"

namespace squat::cli {

class RoundedStudent {
 public:
  /// A model with these weights. `quant`: everything but the weights' bits and widths, which are the flags'. `ids` calibrate
  /// thresholds and the export. `source` names the weights in messages on standard error.
  RoundedStudent(const model::FloatModel& weights, const std::string& source, qat::QuantConfig quant, const WidthFlags& flags,
                 std::vector<int> ids, std::uint32_t seed);
  RoundedStudent(const RoundedStudent&) = delete;
  RoundedStudent& operator=(const RoundedStudent&) = delete;

  qat::LanguageModel& model() { return *model_; }
  const model::WidthPolicy& widths() const { return widths_; }
  /// Those of the budget rule, empty with others; they refer to this object.
  Thresholds thresholds();
  /// The integer model; its warnings go to standard error.
  model::IntegerModel exported() const;

 private:
  int weight_bits_;
  model::WidthPolicy widths_;
  std::vector<int> ids_;
  quantize::CalibrationOptions calibration_;
  std::unique_ptr<qat::LanguageModel> model_;
};

}  // namespace squat::cli
