// SPDX-License-Identifier: Apache-2.0
#include "host/cli/rounded_student.hpp"

#include <utility>

#include "host/reference_float/float_reference.hpp"
#include "qat/model/factory.hpp"
#include "qat/train/integer_export.hpp"

namespace squat::cli {

RoundedStudent::RoundedStudent(const model::FloatModel& weights, const std::string& source, qat::QuantConfig quant,
                               const WidthFlags& flags, std::vector<int> ids, std::uint32_t seed)
    : weight_bits_(flags.weight_bits), widths_(policy_of(flags, seed)), ids_(std::move(ids)) {
  calibration_.seed = seed;
  if (widths_.activations == model::Activations::kMixed) {
    reference::FloatReference reference(weights);
    widths_.thresholds = quantize::calibrate_thresholds(reference, ids_, widths_.rho_num, calibration_);
  }
  quant.weight_bits = weight_bits_;
  quant.widths = widths_;
  std::vector<std::string> notes;
  model_ = qat::make_model(weights, &quant, &notes);
  for (const std::string& text : notes) note("scales of " + source + ": " + text);
}

Thresholds RoundedStudent::thresholds() {
  Thresholds found;
  if (widths_.activations != model::Activations::kMixed || widths_.rule != hls::WidthRule::kBudget) return found;
  found.measure = [this] { return qat::score_thresholds(*model_, weight_bits_, widths_, ids_, calibration_); };
  found.use = [this](const std::vector<std::uint32_t>& measured) {
    widths_.thresholds = measured;
    model_->set_widths(widths_);
  };
  return found;
}

model::IntegerModel RoundedStudent::exported() const {
  std::vector<std::string> warnings;
  model::IntegerModel integer = qat::export_integer(*model_, weight_bits_, widths_, ids_, calibration_, warnings);
  for (const std::string& warning : warnings) note("warning: " + warning);
  return integer;
}

}  // namespace squat::cli
