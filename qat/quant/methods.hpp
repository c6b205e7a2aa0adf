// SPDX-License-Identifier: Apache-2.0
// Squat and the methods it is compared with, under one recipe: the same text, steps, optimiser and grids.
#pragma once

#include <string>
#include <vector>

#include "qat/quant/quant_config.hpp"

namespace squat::qat {

/// What a method decides. Everything else (data, steps, AdamW, codes, places that are rounded, 8-bit probabilities in 2^-8,
/// tables and head input, one scale per matrix and site) is the same for all: that is what the integer devices run.
/// Where a method's own quantiser has no such grid the nearest one stands in; docs/reference/quality.md lists every departure.
struct Method {
  const char* name;
  const char* source;
  ScaleStart start;
  bool learned_scales, weights_follow, noise, clipping_gradient, decaying_scales;
  double gamma, tau;  ///< of the distillation; gamma 0: the text alone, 1: the teacher alone
  bool trains;        ///< false: only the scales are started
};

/// "squat", "lsq", "llm-qat", "pact", "nipq" or "ptq". Throws usage_error for other names.
const Method& find_method(const std::string& name);
std::vector<std::string> method_names();

/// Sets the method's part of `config`.
void apply_method(const Method& method, QuantConfig& config);

}  // namespace squat::qat
