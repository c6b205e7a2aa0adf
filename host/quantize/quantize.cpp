// SPDX-License-Identifier: Apache-2.0
#include "host/quantize/quantize.hpp"

#include <cmath>

#include "host/model/error.hpp"
#include "host/model/tensor_names.hpp"
#include "host/quantize/integer_builder.hpp"
#include "host/quantize/scale_search.hpp"

namespace squat::quantize {
namespace {

void check_options(const QuantizeOptions& o) {
  if (o.weight_bits != 4 && o.weight_bits != 8)
    throw usage_error("weight bits: expected 4 or 8, found " + std::to_string(o.weight_bits));
  if (!(o.rho >= 0 && o.rho <= 1)) throw usage_error("rho: expected a share from 0 to 1, found " + std::to_string(o.rho));
  if (o.calibration.windows < 1 || o.calibration.samples < 1)
    throw usage_error("calibration: expected at least one window and one sample");
}

/// Two 4-bit codes of a row share a byte.
void check_columns(const model::ModelConfig& config, int weight_bits) {
  if (weight_bits != 4) return;
  const auto even = [](const std::string& field, int columns) {
    if (columns % 2 == 0) return;
    throw input_error("config.json: field '" + field + "': expected an even number for 4-bit weights, found " +
                      std::to_string(columns) + "; quantise this model to 8-bit weights");
  };
  even(config.gpt2() ? "n_embd" : "hidden_size", config.hidden_size);
  even(config.gpt2() ? "n_inner" : "intermediate_size", config.intermediate_size);
}

}  // namespace

void fit_weight_scales(const model::FloatModel& model, int weight_bits, model::QuantScales& scales,
                       std::vector<SiteReport>& sites) {
  const auto fit = [&](const model::FloatMatrix& w, int bits, const std::string& name) {
    const int q = (1 << (bits - 1)) - 1;
    const ScaleFit best = fit_scale(w.w, -q, q);
    sites.push_back({name + ".weight", best.scale, best.mse});
    return best.scale;
  };
  scales.layers.resize(model.layers.size());
  const model::TensorNames names(model.config);
  const bool gpt2 = model.config.gpt2();
  scales.embedding = fit(model.embedding, 8, names.embedding);
  if (gpt2) scales.positions = fit(model.positions, 8, names.positions);
  scales.lm_head = model.config.tied ? scales.embedding : fit(model.lm_head, 8, names.head);
  for (std::size_t i = 0; i < model.layers.size(); ++i) {
    const model::FloatLayer& f = model.layers[i];
    model::LayerScales& s = scales.layers[i];
    const model::LayerNames n = names.layer(i);
    s.wq = fit(f.q, weight_bits, n.q);
    s.wk = fit(f.k, weight_bits, n.k);
    s.wv = fit(f.v, weight_bits, n.v);
    s.wo = fit(f.o, weight_bits, n.o);
    if (!gpt2) s.wgate = fit(f.gate, weight_bits, n.gate);
    s.wup = fit(f.up, weight_bits, n.up);
    s.wdown = fit(f.down, weight_bits, n.down);
  }
}

QuantizeResult quantize_model(const model::FloatModel& model, const std::vector<int>& calibration_ids,
                              const QuantizeOptions& options) {
  check_options(options);
  check_columns(model.config, options.weight_bits);
  const bool mixed = options.activations == model::Activations::kMixed;
  reference::FloatReference reference(model);
  Calibration calibration = calibrate(reference, calibration_ids, options.activations, options.calibration);
  QuantizeResult result;
  result.scales = calibration.scales;
  result.sites = std::move(calibration.sites);
  result.warnings = std::move(calibration.warnings);
  fit_weight_scales(model, options.weight_bits, result.scales, result.sites);

  BuildOptions build;
  build.weight_bits = options.weight_bits;
  build.widths.activations = options.activations;
  if (mixed) {
    build.widths.rule = options.rule;
    build.widths.rho_num = static_cast<std::uint32_t>(std::lround(options.rho * hls::kRhoDen));
    build.widths.seed = options.seed;
    build.widths.thresholds = calibrate_thresholds(reference, calibration_ids, build.widths.rho_num, options.calibration);
  }
  result.model = build_integer_model(model, result.scales, build, result.warnings);
  return result;
}

}  // namespace squat::quantize
