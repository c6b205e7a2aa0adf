// SPDX-License-Identifier: Apache-2.0
#include "host/analyze/rounding.hpp"

#include <cmath>
#include <initializer_list>

#include "host/quantize/quantize.hpp"

namespace squat::analyze {

using reference::Matrices;
using reference::RoundedParts;
using reference::Site;

reference::FakeQuant calibrated_rounding(const model::FloatModel& model, const std::vector<int>& calibration_ids,
                                         const RoundingOptions& options, const quantize::CalibrationOptions& calibration) {
  reference::FloatReference reference(model);
  quantize::CalibrationOptions how = calibration;
  const bool four = !options.mixed && options.activation_bits == 4;
  how.bits = options.mixed || four || options.activation_bits == 8 ? 0 : options.activation_bits;
  const model::Activations activations = options.mixed ? model::Activations::kMixed
                                         : four        ? model::Activations::k4
                                                       : model::Activations::k8;
  reference::FakeQuant fake;
  fake.scales = quantize::calibrate(reference, calibration_ids, activations, how).scales;
  std::vector<quantize::SiteReport> ignored;
  quantize::fit_weight_scales(model, options.weight_bits, fake.scales, ignored);
  fake.weight_bits = options.weight_bits;
  fake.activation_bits = options.mixed || four ? 8 : options.activation_bits;
  fake.widths.activations = activations;
  if (!options.mixed) return fake;
  fake.widths.rule = options.rule;
  fake.widths.rho_num = static_cast<std::uint32_t>(std::lround(options.rho * hls::kRhoDen));
  fake.widths.seed = options.seed;
  fake.widths.thresholds = quantize::calibrate_thresholds(reference, calibration_ids, fake.widths.rho_num, calibration);
  return fake;
}

std::vector<Module> modules() {
  const auto parts = [](std::initializer_list<Site> sites, std::initializer_list<Matrices> matrices) {
    RoundedParts p{0, 0};
    for (const Site s : sites) p.sites |= 1U << static_cast<unsigned>(s);
    for (const Matrices m : matrices) p.matrices |= 1U << static_cast<unsigned>(m);
    return p;
  };
  return {{"mlp", parts({Site::kGu, Site::kD}, {Matrices::kGate, Matrices::kUp, Matrices::kDown})},
          {"attention", parts({Site::kIn, Site::kQ, Site::kK, Site::kV, Site::kP, Site::kO},
                              {Matrices::kQ, Matrices::kK, Matrices::kV, Matrices::kO})},
          {"query and key", parts({Site::kQ, Site::kK}, {Matrices::kQ, Matrices::kK})},
          {"attention but query and key", parts({Site::kIn, Site::kV, Site::kP, Site::kO}, {Matrices::kV, Matrices::kO})},
          {"tables", parts({Site::kHeadInput}, {Matrices::kTables})},
          {"all", RoundedParts{}}};
}

RoundedParts activations_only(RoundedParts parts) {
  parts.matrices = 0;
  return parts;
}

RoundedParts weights_only(RoundedParts parts) {
  parts.sites = 0;
  return parts;
}

}  // namespace squat::analyze
