// SPDX-License-Identifier: Apache-2.0
// From a float model and its scales to the integers every device runs.
#pragma once

#include <string>
#include <vector>

#include "host/model/float_model.hpp"
#include "host/model/integer_model.hpp"
#include "host/model/quant_scales.hpp"

namespace squat::quantize {

/// Phase advance per position of each pair of a head, in 2^-32 turns; 0 for GPT-2, which does not rotate.
std::vector<std::uint32_t> rope_steps(const model::ModelConfig& config);

/// The multiplier and shift nearest to a positive factor: m in 2^16 .. 2^17-1, s in 1..46; m = 0 for factors below 2^-30,
/// which no accumulator makes visible. Throws input_error naming `what` when the factor is not positive or is 2^16 or more.
hls::Requant make_requant(double factor, const std::string& what);

/// gain[i] = round(gamma[i] * sqrt(hidden) / scale * 2^e) with the most fraction bits e that fit 18 signed bits.
model::IntNorm make_norm(const std::vector<float>& gamma, double scale, const std::string& what);

/// The same with offsets: beta[i] = round(beta[i] / scale * 2^hls::kBetaFraction), on the 8-bit grid. Adds a warning when some
/// do not fit 24 bits and are clipped.
model::IntNorm make_layer_norm(const std::vector<float>& gamma, const std::vector<float>& beta, double scale,
                               const std::string& what, std::vector<std::string>& warnings);

/// round(bias / unit), unit = scale of the input * scale of the weights: what one step of the accumulator is worth.
/// Throws input_error naming `what` for 2^26 units or more.
std::vector<std::int32_t> make_bias(const std::vector<float>& bias, double unit, const std::string& what);

/// Codes of a matrix in the narrow range. Adds a warning when a share above `warn_clipped` of the weights lies outside it, as
/// in checkpoints trained for the full range.
model::IntMatrix make_matrix(const model::FloatMatrix& weights, double scale, int bits, const std::string& what,
                             double warn_clipped, std::vector<std::string>& warnings);

struct BuildOptions {
  int weight_bits = 8;
  model::WidthPolicy widths;
  double warn_clipped = 0.05;
};

/// Used after calibration and by the trainer's export. Throws input_error for scales that cannot be represented and for
/// matrices whose accumulators could exceed 26 bits.
model::IntegerModel build_integer_model(const model::FloatModel& model, const model::QuantScales& scales,
                                        const BuildOptions& options, std::vector<std::string>& warnings);

}  // namespace squat::quantize
