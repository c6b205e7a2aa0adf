// SPDX-License-Identifier: Apache-2.0
// --weight-bits, --activations, --rho and --rule, as quantize and bench understand them.
#pragma once

#include <CLI/CLI.hpp>
#include <cstdint>
#include <string>

#include "host/model/integer_model.hpp"

namespace squat::cli {

struct WidthFlags {
  int weight_bits = 4;
  std::string activations = "8";
  double rho = 0.5;
  std::string rule = "budget";
};

void add_width_options(CLI::App& command, WidthFlags& flags);

/// The flags as a policy; thresholds stay empty.
model::WidthPolicy policy_of(const WidthFlags& flags, std::uint32_t seed);
/// The wanted share of 8-bit tokens: 1 and 0 for uniform models.
double rho_of(const model::WidthPolicy& widths);

}  // namespace squat::cli
