// SPDX-License-Identifier: Apache-2.0
#include "host/cli/width_flags.hpp"

#include <cmath>

#include "host/model/width_names.hpp"

namespace squat::cli {

void add_width_options(CLI::App& command, WidthFlags& flags) {
  command.add_option("--weight-bits", flags.weight_bits, "bits of the weights: 4 or 8 (default 4)")
      ->type_name("BITS")
      ->check(CLI::IsMember({4, 8}).description(""));
  command
      .add_option("--activations", flags.activations,
                  "bits of the activations: 8, 4, or mixed (each token gets 8 or 4) (default 8)")
      ->type_name("BITS")
      ->check(CLI::IsMember({"8", "4", "mixed"}).description(""));
  command.add_option("--rho", flags.rho, "share of tokens with 8-bit activations, 0..1; mixed only (default 0.5)")
      ->type_name("R")
      ->check(CLI::Range(0.0, 1.0).description(""));
  command
      .add_option("--rule", flags.rule,
                  "which tokens get 8 bits: budget (causal), sequence (ranks the whole prompt, as the paper),\n"
                  "prefix, random or reversed (for study); mixed only (default budget)")
      ->type_name("NAME")
      ->check(CLI::IsMember({"sequence", "budget", "prefix", "random", "reversed"}).description(""));
}

model::WidthPolicy policy_of(const WidthFlags& flags, std::uint32_t seed) {
  model::WidthPolicy widths;
  widths.activations = model::parse_activations(flags.activations).value();
  if (widths.activations != model::Activations::kMixed) return widths;
  widths.rule = model::parse_rule(flags.rule).value();
  widths.rho_num = static_cast<std::uint32_t>(std::lround(flags.rho * hls::kRhoDen));
  widths.seed = seed;
  return widths;
}

double rho_of(const model::WidthPolicy& widths) {
  if (widths.activations == model::Activations::k8) return 1.0;
  if (widths.activations == model::Activations::k4) return 0.0;
  return static_cast<double>(widths.rho_num) / hls::kRhoDen;
}

}  // namespace squat::cli
