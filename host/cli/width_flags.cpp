// SPDX-License-Identifier: Apache-2.0
#include "host/cli/width_flags.hpp"

#include <CLI/CLI.hpp>

#include "host/cli/real_number.hpp"
#include "host/model/error.hpp"
#include "host/model/width_names.hpp"

namespace squat::cli {

WidthOptions add_width_options(CLI::App& command, WidthFlags& flags) {
  WidthOptions options;
  options.weight_bits = command.add_option("--weight-bits", flags.weight_bits, "bits of the weights: 4 or 8 (default 4)")
                            ->type_name("BITS")
                            ->check(CLI::IsMember({"4", "8"}).description(""));
  options.activations = command
                            .add_option("--activations", flags.activations,
                                        "bits of the activations: 8, 4, or mixed (each token gets 8 or 4) (default 8)")
                            ->type_name("BITS")
                            ->check(CLI::IsMember({"8", "4", "mixed"}).description(""));
  options.rho =
      command.add_option("--rho", flags.rho, "share of tokens with 8-bit activations, 0..1; mixed only (default 0.5)")
          ->type_name("R")
          ->check(real_from(0.0, 1.0));
  options.rule = command
                     .add_option("--rule", flags.rule,
                                 "which tokens get 8 bits: budget (causal), sequence (ranks the whole prompt, as the paper),\n"
                                 "prefix, random or reversed (for study); mixed only (default budget)")
                     ->type_name("NAME")
                     ->check(CLI::IsMember({"sequence", "budget", "prefix", "random", "reversed"}).description(""));
  return options;
}

void refuse_unless_mixed(const CLI::Option* option, const WidthFlags& flags) {
  if (option->count() == 0 || flags.activations == "mixed") return;
  throw usage_error(option->get_name() +
                    " chooses among 8- and 4-bit tokens; give --activations mixed with it, or leave it out");
}

void refuse_unless_mixed(const WidthOptions& options, const WidthFlags& flags) {
  refuse_unless_mixed(options.rho, flags);
  refuse_unless_mixed(options.rule, flags);
}

model::WidthPolicy policy_of(const WidthFlags& flags, std::uint32_t seed) {
  return model::parse_policy(flags.activations, flags.rule, flags.rho, seed).value();
}

}  // namespace squat::cli
