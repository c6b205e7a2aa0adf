// SPDX-License-Identifier: Apache-2.0
// The places where activations are rounded, each with its grids and learned parameters.
#pragma once

#include <array>
#include <cstddef>
#include <string>

#include "host/reference_float/site.hpp"
#include "qat/model/parameter_set.hpp"
#include "qat/quant/quant_config.hpp"
#include "qat/tensor/kernels.hpp"

namespace squat::qat {

using reference::Site;

/// One site of one layer. A token of the narrow group uses grid 1, every other token grid 0.
struct SiteState {
  bool active = false;       ///< false: values pass unrounded
  bool is_unsigned = false;  ///< codes from 0
  std::array<int, 2> lo{};   ///< codes of both grids
  std::array<int, 2> hi{};
  double factor = 1;          ///< grid 1 has this multiple of alpha when alpha4 < 0
  double factor0 = 1;         ///< grid 0 has this multiple of alpha (8 in uniform 4-bit models with tied scales)
  double fixed_scale = 0;     ///< > 0: not learned
  std::ptrdiff_t alpha = -1;  ///< parameter indices, -1 = none
  std::ptrdiff_t alpha4 = -1;
  std::ptrdiff_t zero = -1;
  std::ptrdiff_t zero4 = -1;
};

/// The sums of a site's two grids, from one part of a batch.
using SiteSums = std::array<GridSums, 2>;

/// Codes and scale factors of a site; adds its parameters, named `name` + ".alpha" and so on.
template <typename S>
SiteState make_site(Site site, const std::string& name, const QuantConfig& config, BasicParameterSet<S>& parameters);

/// Grid 0 or 1 with the present parameter values. Throws usage_error for scales that are not positive.
template <typename S>
Grid<S> site_grid(const SiteState& site, int which, const BasicParameterSet<S>& parameters);

/// Sets the site's parameters from the values it is about to round.
template <typename S>
void start_site(SiteState& site, const S* x, std::size_t count, const QuantConfig& config, BasicParameterSet<S>& parameters);

/// Adds to the gradients of the site's parameters. elements: size of the whole tensor; scale: factor of every gradient.
template <typename S>
void add_site_gradients(const SiteState& site, const SiteSums& sums, double elements, const QuantConfig& config,
                        BasicParameterSet<S>& parameters);

}  // namespace squat::qat
