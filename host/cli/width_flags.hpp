// SPDX-License-Identifier: Apache-2.0
// --weight-bits, --activations, --rho and --rule, as quantize and bench understand them.
#pragma once

#include <cstdint>
#include <string>

#include "host/cli/cli11_fwd.hpp"
#include "host/model/integer_model.hpp"

namespace squat::cli {

struct WidthFlags {
  int weight_bits = 4;
  std::string activations = "8";
  double rho = 0.5;
  std::string rule = "budget";
};

/// The options, to ask which of them were given.
struct WidthOptions {
  const CLI::Option *weight_bits = nullptr, *activations = nullptr, *rho = nullptr, *rule = nullptr;
};

WidthOptions add_width_options(CLI::App& command, WidthFlags& flags);

/// Throws usage_error when `option` was given although widths are not mixed, so that it would decide nothing.
void refuse_unless_mixed(const CLI::Option* option, const WidthFlags& flags);
/// The same for --rho and --rule.
void refuse_unless_mixed(const WidthOptions& options, const WidthFlags& flags);

/// The flags as a policy; thresholds stay empty.
model::WidthPolicy policy_of(const WidthFlags& flags, std::uint32_t seed);

}  // namespace squat::cli
