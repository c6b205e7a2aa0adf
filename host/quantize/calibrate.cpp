// SPDX-License-Identifier: Apache-2.0
#include "host/quantize/calibrate.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <random>

#include "hls/requantize.hpp"
#include "host/model/error.hpp"
#include "host/model/tensor_names.hpp"
#include "host/quantize/scale_search.hpp"

namespace squat::quantize {
namespace {

using reference::Site;

/// A seeded sample of one site's values, its largest magnitude, and (for probabilities) the error of their fixed grid.
struct SiteSample {
  std::vector<float> values;
  float largest = 0;
  double squared_error = 0;
  std::uint64_t count = 0;
};

/// Runs `after` behind each of the random windows.
void for_each_window(reference::FloatReference& reference, const std::vector<int>& ids, const CalibrationOptions& options,
                     std::mt19937_64& random, const std::function<void(int tokens)>& after) {
  const int window = std::min(options.window, reference.config().max_positions);
  if (window < 2 || ids.size() < static_cast<std::size_t>(window)) {
    throw input_error("calibration text of " + std::to_string(ids.size()) + " tokens: expected at least one window of " +
                      std::to_string(window) + "; use a longer text");
  }
  const std::uint64_t starts = ids.size() - static_cast<std::size_t>(window) + 1;
  for (int w = 0; w < options.windows; ++w) {
    reference.forward(ids.data() + random() % starts, window);
    after(window);
    if (options.progress) options.progress(w + 1, options.windows);
  }
}

struct SiteField {
  Site site;
  std::string model::LayerNames::*block;
  const char* name;
  const char* gpt2_name;
  double model::LayerScales::*scale;
  int lowest8;
};

using Names = model::LayerNames;
using Scales = model::LayerScales;
constexpr std::array<SiteField, 7> kSites = {{{Site::kIn, &Names::attention, "qkv_input", "c_attn_input", &Scales::in, -128},
                                              {Site::kQ, &Names::attention, "query", "query", &Scales::q, hls::kAttentionMin},
                                              {Site::kK, &Names::attention, "key", "key", &Scales::k, hls::kAttentionMin},
                                              {Site::kV, &Names::attention, "value", "value", &Scales::v, hls::kAttentionMin},
                                              {Site::kO, &Names::attention, "o_input", "c_proj_input", &Scales::o, -128},
                                              {Site::kGu, &Names::mlp, "gate_up_input", "c_fc_input", &Scales::gu, -128},
                                              {Site::kD, &Names::mlp, "down_input", "c_proj_input", &Scales::d, -128}}};

/// Fits one site and reports the grids it uses.
double fit_site(const std::vector<float>& values, int lowest8, model::Activations activations, int bits,
                const std::string& name, std::vector<SiteReport>& sites) {
  if (bits != 0) {
    const ScaleFit fit = fit_scale(values, -(1 << (bits - 1)), (1 << (bits - 1)) - 1);
    sites.push_back({name, fit.scale, fit.mse});
    return fit.scale / (1 << (8 - bits));
  }
  if (activations == model::Activations::k8) {
    const ScaleFit fit = fit_scale(values, lowest8, 127);
    sites.push_back({name, fit.scale, fit.mse});
    return fit.scale;
  }
  const ScaleFit fit = fit_scale(values, -8, 7);
  const double scale8 = fit.scale / 8;
  const bool both = activations == model::Activations::kMixed;
  sites.push_back({both ? name + ".4bit" : name, fit.scale, fit.mse});
  if (both) sites.push_back({name + ".8bit", scale8, rounding_error(values.data(), values.size(), scale8, lowest8, 127)});
  return scale8;
}

/// The most fraction bits with which gate and up stay within 14 bits, with a quarter in reserve for unseen text.
int gate_up_fraction(float largest, int layer, std::vector<std::string>& warnings) {
  for (int frac = 9; frac >= 6; --frac) {
    if (1.25 * static_cast<double>(largest) * (1 << frac) <= 8191.0) return frac;
  }
  if (largest * 64.0f > 8191.0f) {
    warnings.push_back("layer " + std::to_string(layer) + ": the MLP's first projection reaches " + std::to_string(largest) +
                       ", beyond the integer range of +-128; larger values are clamped");
  }
  return 6;
}

}  // namespace

Calibration calibrate(reference::FloatReference& reference, const std::vector<int>& ids, model::Activations activations,
                      const CalibrationOptions& options) {
  constexpr std::size_t kKinds = 12;
  const auto layers = static_cast<std::size_t>(reference.config().layers);
  std::vector<std::array<SiteSample, kKinds>> samples(layers + 1);  // the last entry holds the head's input
  std::mt19937_64 random(options.seed);
  const int per_window = (options.samples + options.windows - 1) / std::max(1, options.windows);
  reference.set_hook([&](Site site, int layer, const float* values, int rows, int cols) {
    if (site == Site::kResidual) return;
    SiteSample& sample = samples[static_cast<std::size_t>(layer)][static_cast<std::size_t>(site)];
    const auto count = static_cast<std::size_t>(rows) * static_cast<std::size_t>(cols);
    if (site == Site::kP) {
      sample.squared_error += rounding_error(values, count, 0x1p-8, 0, 255) * static_cast<double>(count);
      sample.count += count;
      return;
    }
    for (std::size_t i = 0; i < count; ++i) sample.largest = std::max(sample.largest, std::fabs(values[i]));
    if (site == Site::kGate || site == Site::kUp) return;
    for (int i = 0; i < per_window; ++i) sample.values.push_back(values[random() % count]);
  });
  for_each_window(reference, ids, options, random, [](int) {});
  reference.set_hook(nullptr);

  Calibration result;
  const model::TensorNames tensor_names(reference.config());
  result.scales.layers.resize(layers);
  for (std::size_t l = 0; l < layers; ++l) {
    model::LayerScales& scales = result.scales.layers[l];
    const auto sample = [&](Site site) -> const SiteSample& { return samples[l][static_cast<std::size_t>(site)]; };
    const model::LayerNames names = tensor_names.layer(l);
    for (const SiteField& f : kSites) {
      const std::string name = names.*f.block + "." + (reference.config().gpt2() ? f.gpt2_name : f.name);
      scales.*f.scale = fit_site(sample(f.site).values, f.lowest8, activations, options.bits, name, result.sites);
    }
    const SiteSample& p = sample(Site::kP);
    result.sites.push_back({names.attention + ".probability", 0x1p-8, p.squared_error / static_cast<double>(p.count)});
    scales.gate_up_frac = gate_up_fraction(std::max(sample(Site::kGate).largest, sample(Site::kUp).largest),
                                           static_cast<int>(l), result.warnings);
  }
  const auto& head = samples[layers][static_cast<std::size_t>(Site::kHeadInput)].values;
  result.scales.head_input = fit_site(head, -128, model::Activations::k8, 0, "lm_head.input", result.sites);
  return result;
}

std::vector<std::uint32_t> calibrate_thresholds(reference::FloatReference& reference, const std::vector<int>& ids,
                                                std::uint32_t rho_num, const CalibrationOptions& options) {
  const int layers = reference.config().layers;
  std::vector<std::vector<std::uint64_t>> values(static_cast<std::size_t>(layers));
  std::mt19937_64 random(options.seed + 1);
  for_each_window(reference, ids, options, random, [&](int tokens) {
    for (int l = 0; l < layers; ++l) {
      const auto& scores = reference.scores(l);
      for (std::size_t i = 1; i < static_cast<std::size_t>(tokens); ++i)
        values[static_cast<std::size_t>(l)].push_back(scores[i] * (i + 1));
    }
  });
  std::vector<std::uint32_t> thresholds;
  for (auto& v : values) {
    std::sort(v.begin(), v.end(), std::greater<>());
    const std::size_t reached = v.size() * rho_num / hls::kRhoDen;  // tokens that should want 8 bit
    const std::uint64_t threshold = reached == 0 ? v.front() + 1 : v[reached - 1];
    thresholds.push_back(static_cast<std::uint32_t>(std::min<std::uint64_t>(threshold, UINT32_MAX)));
  }
  return thresholds;
}

}  // namespace squat::quantize
