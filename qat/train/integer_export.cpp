// SPDX-License-Identifier: Apache-2.0
#include "qat/train/integer_export.hpp"

#include <algorithm>
#include <cmath>

#include "host/quantize/integer_builder.hpp"
#include "host/reference_float/float_reference.hpp"
#include "qat/model/factory.hpp"

namespace squat::qat {
namespace {

/// Per layer the largest magnitude of gate and up over the first windows of the ids.
std::vector<float> largest_gate_up(reference::FloatReference& reference, const std::vector<int>& ids,
                                   const quantize::CalibrationOptions& options) {
  std::vector<float> largest(static_cast<std::size_t>(reference.config().layers), 0.0f);
  reference.set_hook([&](reference::Site site, int layer, const float* values, int rows, int cols) {
    if (site != reference::Site::kGate && site != reference::Site::kUp) return;
    float& most = largest[static_cast<std::size_t>(layer)];
    const std::size_t count = static_cast<std::size_t>(rows) * static_cast<std::size_t>(cols);
    for (std::size_t i = 0; i < count; ++i) most = std::max(most, std::fabs(values[i]));
  });
  const auto window = static_cast<std::size_t>(options.window);
  const std::size_t windows = std::min(static_cast<std::size_t>(options.windows), ids.size() / window);
  for (std::size_t w = 0; w < windows; ++w)
    reference.forward(ids.data() + w * (ids.size() / window / windows) * window, options.window);
  reference.set_hook(nullptr);
  return largest;
}

}  // namespace

std::vector<int> some_ids(const TokenFile& file, std::size_t most) {
  std::vector<int> ids(static_cast<std::size_t>(std::min<std::uint64_t>(most, file.size())));
  file.read(0, ids.size(), ids.data());
  return ids;
}

std::vector<std::uint32_t> score_thresholds(const LanguageModel& trained, int weight_bits, const model::WidthPolicy& widths,
                                            const std::vector<int>& calibration_ids,
                                            const quantize::CalibrationOptions& calibration) {
  reference::FloatReference rounded(to_float_model(trained), {to_quant_scales(trained), weight_bits, widths});
  return quantize::calibrate_thresholds(rounded, calibration_ids, widths.rho_num, calibration);
}

model::IntegerModel export_integer(const LanguageModel& trained, int weight_bits, const model::WidthPolicy& widths,
                                   const std::vector<int>& calibration_ids, const quantize::CalibrationOptions& calibration,
                                   std::vector<std::string>& warnings) {
  const model::FloatModel weights = to_float_model(trained);
  quantize::BuildOptions build;
  build.weight_bits = weight_bits;
  build.widths = widths;
  reference::FloatReference rounded(weights, {to_quant_scales(trained), weight_bits, widths});
  const model::QuantScales scales = to_quant_scales(trained, largest_gate_up(rounded, calibration_ids, calibration));
  if (widths.activations == model::Activations::kMixed && widths.rule != hls::WidthRule::kBudget) {
    build.widths.thresholds = quantize::calibrate_thresholds(rounded, calibration_ids, widths.rho_num, calibration);
  }
  return quantize::build_integer_model(weights, scales, build, warnings);
}

}  // namespace squat::qat
