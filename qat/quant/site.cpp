// SPDX-License-Identifier: Apache-2.0
#include "qat/quant/site.hpp"

#include <algorithm>
#include <cmath>
#include <vector>

#include "host/model/error.hpp"
#include "qat/quant/scale_start.hpp"

namespace squat::qat {
namespace {

using model::Activations;

bool is_attention_operand(Site site) { return site == Site::kQ || site == Site::kK || site == Site::kV; }

void set_range(SiteState& state, std::size_t which, int bits, bool narrow) {
  const int half = 1 << (bits - 1);
  state.lo[which] = state.is_unsigned ? 0 : (narrow ? 1 - half : -half);
  state.hi[which] = state.is_unsigned ? 2 * half - 1 : half - 1;
}

}  // namespace

template <typename S>
SiteState make_site(Site site, const std::string& name, const QuantConfig& config, BasicParameterSet<S>& parameters) {
  SiteState state;
  state.active = (site != Site::kO || config.o_input) && (site != Site::kHeadInput || config.head_input);
  if (!state.active) return state;
  const Activations mode = config.widths.activations;
  const bool one_width = site == Site::kP || site == Site::kHeadInput;
  state.is_unsigned = site == Site::kP;
  const int uniform = mode == Activations::k8 ? config.activation_bits : mode == Activations::k4 ? 4 : 8;
  const int bits = site == Site::kP ? config.probability_bits : site == Site::kHeadInput ? 8 : uniform;
  set_range(state, 0, bits, bits == 8 && config.narrow_attention && is_attention_operand(site));
  set_range(state, 1, 4, false);
  if (!one_width && mode == Activations::k4 && config.tied_scales) state.factor0 = 8;
  if (site == Site::kP && config.probability_fixed) {
    state.fixed_scale = std::ldexp(1.0, -config.probability_bits);
    return state;
  }
  const auto add = [&](const char* suffix, ParameterKind kind) {
    const std::size_t index = parameters.add(name + suffix, {1}, kind);
    parameters.set_trainable(index, config.learned_scales);
    parameters.set_decay(index, config.decaying_scales && kind == ParameterKind::kScale);
    return static_cast<std::ptrdiff_t>(index);
  };
  state.alpha = add(".alpha", ParameterKind::kScale);
  if (config.zero_point) state.zero = add(".zero_point", ParameterKind::kZeroPoint);
  if (mode == Activations::kMixed && !one_width) {
    state.factor = 8;
    if (!config.tied_scales) {
      state.alpha4 = add(".alpha4", ParameterKind::kScale);
      if (config.zero_point) state.zero4 = add(".zero_point4", ParameterKind::kZeroPoint);
    }
  }
  return state;
}

template <typename S>
Grid<S> site_grid(const SiteState& site, int which, const BasicParameterSet<S>& parameters) {
  const auto index = static_cast<std::size_t>(which);
  Grid<S> grid;
  grid.lo = static_cast<S>(site.lo[index]);
  grid.hi = static_cast<S>(site.hi[index]);
  if (site.fixed_scale > 0) {
    grid.scale = static_cast<S>(site.fixed_scale);
    return grid;
  }
  const bool own = which == 1 && site.alpha4 >= 0;
  const std::ptrdiff_t alpha = own ? site.alpha4 : site.alpha;
  const std::ptrdiff_t zero = own ? site.zero4 : site.zero;
  const double factor = own ? 1.0 : which == 1 ? site.factor : site.factor0;
  grid.scale = static_cast<S>(factor) * *parameters.value(static_cast<std::size_t>(alpha));
  if (!(grid.scale > 0) || !std::isfinite(static_cast<double>(grid.scale))) {
    throw usage_error(parameters.info(static_cast<std::size_t>(alpha)).name + ": expected a positive scale, found " +
                      std::to_string(static_cast<double>(grid.scale)) + "; start the scales, or lower their learning rate");
  }
  if (zero >= 0) grid.zero = std::nearbyint(*parameters.value(static_cast<std::size_t>(zero)));
  return grid;
}

template <typename S>
void start_site(SiteState& site, const S* x, std::size_t count, const QuantConfig& config, BasicParameterSet<S>& parameters) {
  if (!site.active || site.alpha < 0) return;
  if (config.data_dependent_sign && !site.is_unsigned && count > 0 && !(*std::min_element(x, x + count) < S(-1e-5))) {
    site.is_unsigned = true;
    site.hi[0] = site.hi[0] - site.lo[0];
    site.lo[0] = 0;
  }
  const auto set = [&](std::ptrdiff_t index, double value) {
    if (index >= 0) *parameters.value(static_cast<std::size_t>(index)) = static_cast<S>(value);
  };
  const bool tied_pair = site.factor > 1 && site.alpha4 < 0;
  if (tied_pair) {  // the coarse grid decides, as in host/quantize/calibrate.cpp
    set(site.alpha, start_scale(config.start, x, count, site.lo[1], site.hi[1]) / site.factor);
  } else {
    const double scale = start_scale(config.start, x, count, site.lo[0], site.hi[0]);
    set(site.alpha, scale / site.factor0);
    set(site.zero, start_zero_point(x, count, scale, site.lo[0]));
  }
  if (site.alpha4 >= 0) {
    const double scale = start_scale(config.start, x, count, site.lo[1], site.hi[1]);
    set(site.alpha4, scale);
    set(site.zero4, start_zero_point(x, count, scale, site.lo[1]));
  }
}

template <typename S>
void add_site_gradients(const SiteState& site, const SiteSums& sums, double elements, const QuantConfig& config,
                        BasicParameterSet<S>& parameters) {
  if (!site.active || site.alpha < 0 || !config.learned_scales) return;
  const auto add = [&](std::ptrdiff_t index, double value) {
    if (index >= 0) *parameters.gradient(static_cast<std::size_t>(index)) += static_cast<S>(value);
  };
  const double g0 = scale_gradient_factor(config.scale_gradient, elements, site.hi[0]);
  add(site.alpha, sums[0].scale * g0 * site.factor0);
  add(site.zero, sums[0].zero * g0);
  const double g1 = scale_gradient_factor(config.scale_gradient, elements, site.hi[1]);
  if (site.alpha4 >= 0) {
    add(site.alpha4, sums[1].scale * g1);
    add(site.zero4, sums[1].zero * g1);
  } else {
    add(site.alpha, sums[1].scale * g1 * site.factor);
  }
}

#define SQUAT_INSTANTIATE(S)                                                                              \
  template SiteState make_site(Site, const std::string&, const QuantConfig&, BasicParameterSet<S>&);      \
  template Grid<S> site_grid(const SiteState&, int, const BasicParameterSet<S>&);                         \
  template void start_site(SiteState&, const S*, std::size_t, const QuantConfig&, BasicParameterSet<S>&); \
  template void add_site_gradients(const SiteState&, const SiteSums&, double, const QuantConfig&, BasicParameterSet<S>&);
SQUAT_INSTANTIATE(float)
SQUAT_INSTANTIATE(double)
#undef SQUAT_INSTANTIATE

}  // namespace squat::qat
