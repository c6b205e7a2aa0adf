// SPDX-License-Identifier: Apache-2.0
// What a float model's activations look like on calibration text: scales, ranges and score thresholds.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "host/model/integer_model.hpp"
#include "host/model/quant_scales.hpp"
#include "host/reference_float/float_reference.hpp"

namespace squat::quantize {

struct CalibrationOptions {
  int windows = 32;        ///< random windows of the calibration ids
  int window = 128;        ///< ids per window
  int samples = 60000;     ///< values kept per site
  std::uint64_t seed = 0;  ///< of windows and samples
  int bits =
      0;  ///< 2..7: least-squares grids of so many bits (reference::FakeQuant::activation_bits); 0: as `activations` says
  std::function<void(int done, int total)> progress{};  ///< called after each window
};

/// Scale and rounding error of one site or weight matrix, for reports.
struct SiteReport {
  std::string name;  ///< "model.layers.3.mlp.down_input", with ".4bit" or ".8bit" when a site has both
  double scale = 0;  ///< real = code * scale, on the grid the site uses
  double mse = 0;    ///< mean squared rounding error over the samples
};

struct Calibration {
  model::QuantScales scales;  ///< activation scales and gate_up_frac; weight scales are left at 0
  std::vector<SiteReport> sites;
  std::vector<std::string> warnings;
};

/// Runs the unquantised reference over random windows. 8-bit models get the least-squares 8-bit scale; models with 4-bit
/// tokens get the least-squares 4-bit scale, and 1/8 of it for 8-bit tokens: both widths then share one grid.
/// Throws input_error when the ids are fewer than one window.
Calibration calibrate(reference::FloatReference& reference, const std::vector<int>& ids, model::Activations activations,
                      const CalibrationOptions& options);

/// Per layer the value that a share rho_num / hls::kRhoDen of the tokens' score * (position + 1) reaches; position 0, which is
/// always 8 bit, is left out. `reference` may be fake-quantised (a trained model).
std::vector<std::uint32_t> calibrate_thresholds(reference::FloatReference& reference, const std::vector<int>& ids,
                                                std::uint32_t rho_num, const CalibrationOptions& options);

}  // namespace squat::quantize
