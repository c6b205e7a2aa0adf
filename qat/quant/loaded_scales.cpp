// SPDX-License-Identifier: Apache-2.0
#include "qat/quant/loaded_scales.hpp"

#include <cmath>

#include "host/model/error.hpp"

namespace squat::qat {
namespace {

const std::string kAlpha = ".alpha", kZero = ".zero_point", kProbabilities = ".act_q_4_attn";

bool ends_with(const std::string& text, const std::string& end) {
  return text.size() >= end.size() && text.compare(text.size() - end.size(), end.size(), end) == 0;
}

/// The site whose scale has this index; null for weights.
const SiteState* site_of(const Architecture& a, std::ptrdiff_t alpha) {
  for (const Block& b : a.blocks) {
    for (const SiteState& s : b.sites) {
      if (s.alpha == alpha) return &s;
    }
  }
  return a.head_input.alpha == alpha ? &a.head_input : nullptr;
}

Error bad(const std::string& name, const std::string& expected, float found) {
  return input_error("tensor '" + name + "': expected " + expected + ", found " + std::to_string(found) +
                     "; use the checkpoint without its scales, or another one");
}

}  // namespace

LoadedScales take_scales(const std::map<std::string, float>& scalars, const QuantConfig& quant, const Architecture& a,
                         const ParameterSet& parameters) {
  LoadedScales out;
  bool probabilities = false;
  int zero_points = 0, mixed = 0;
  for (const auto& [name, value] : scalars) {
    const std::string owner = name.substr(0, name.rfind('.'));
    if (ends_with(owner, kProbabilities)) {
      probabilities = true;
      continue;
    }
    const std::ptrdiff_t index = parameters.find(owner + kAlpha);
    if (index < 0) throw input_error("tensor '" + name + "': expected a quantiser of this model, found an unknown one");
    const SiteState* site = site_of(a, index);
    if (ends_with(name, kZero)) {
      zero_points += std::nearbyint(value) != 0;
    } else if (!ends_with(name, kAlpha)) {
      if (value == 0) throw bad(name, "signed codes, which all sites but the probabilities have here", value);
    } else if (!(value > 0) || !std::isfinite(value)) {
      throw bad(name, "a positive scale", value);
    } else if (site != nullptr && quant.widths.activations == model::Activations::kMixed) {
      ++mixed;
    } else {
      out.values.emplace_back(static_cast<std::size_t>(index),
                              site == nullptr ? value : value / static_cast<float>(site->factor0));
    }
  }
  if (probabilities) out.notes.emplace_back("scales of attention probabilities are not used: here they are 2^-8");
  if (zero_points > 0) {
    out.notes.push_back(std::to_string(zero_points) + " zero points other than 0 are not used: integer devices have none");
  }
  if (mixed > 0) {
    out.notes.push_back(std::to_string(mixed) + " activation scales are not used: with mixed widths one serves both");
  }
  return out;
}

}  // namespace squat::qat
