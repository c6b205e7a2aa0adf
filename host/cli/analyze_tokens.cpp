// SPDX-License-Identifier: Apache-2.0
// squat analyze importance and widths: which tokens are worth 8 bits, and which the rules choose.
#include <CLI/CLI.hpp>
#include <algorithm>
#include <memory>

#include "host/analyze/importance.hpp"
#include "host/analyze/width_shares.hpp"
#include "host/cli/progress.hpp"
#include "host/cli/real_number.hpp"
#include "host/cli/study.hpp"
#include "host/model/width_names.hpp"
#ifdef SQUAT_HAVE_TRAINER
#include "qat/train/window_gradients.hpp"
#endif

namespace squat::cli {
namespace {

using Json = nlohmann::ordered_json;

struct TokenFlags {
  StudyFlags study;
  std::vector<double> rhos = {0.25, 0.5, 0.75};
  int seeds = 3;
  int parts = 8;
};

ExitCode importance(const CommonOptions& common, const TokenFlags& flags) {
  const Study study = open_study(flags.study, common);
  analyze::RoundingOptions how;
  how.weight_bits = flags.study.weight_bits;
  how.mixed = true;
  analyze::WindowGradients gradients;
#ifdef SQUAT_HAVE_TRAINER
  gradients = qat::window_gradients(study.model);
#else
  note("this squat was built without the trainer, which computes gradients; that score is left out");
#endif
  Progress progress("model");
  const auto rows = analyze::study_importance(study.model, study.rounding(how), study.text, flags.rhos, flags.seeds, gradients,
                                              common.threads, [&](int done, int total) { progress.update(done, total); });
  Json object = study_object("importance", flags.study, study);
  object["rows"] = Json::array();
  for (const analyze::ImportanceRow& row : rows) {
    object["rows"].push_back({{"score", row.score},
                              {"rho", row.rho},
                              {"seed", row.seed},
                              {"eight_bit_share", row.result.eight_bit_share},
                              {"perplexity", row.result.perplexity}});
  }
  print_result(object, common.format);
  return ExitCode::kOk;
}

ExitCode widths(const CommonOptions& common, const TokenFlags& flags) {
  const Study study = open_study(flags.study, common);
  const int parts = std::min(flags.parts, study.text.window);
  Json object = study_object("widths", flags.study, study);
  object["parts"] = parts;
  object["rows"] = Json::array();
  Progress progress("share");
  int done = 0;
  for (const double rho : flags.rhos) {
    analyze::RoundingOptions how;
    how.weight_bits = flags.study.weight_bits;
    how.mixed = true;
    how.rho = rho;
    how.seed = common.seed;
    reference::FakeQuant fake = study.rounding(how);
    for (const hls::WidthRule rule : {hls::WidthRule::kSequence, hls::WidthRule::kBudget, hls::WidthRule::kPrefix,
                                      hls::WidthRule::kRandom, hls::WidthRule::kReversed}) {
      fake.widths.rule = rule;
      for (const analyze::WidthShare& row : analyze::width_shares(study.model, fake, study.text, parts)) {
        object["rows"].push_back({{"rule", model::rule_name(rule)},
                                  {"rho", rho},
                                  {"layer", row.layer},
                                  {"share", row.share},
                                  {"by_position", row.by_position}});
      }
    }
    progress.update(++done, static_cast<int>(flags.rhos.size()));
  }
  print_result(object, common.format);
  return ExitCode::kOk;
}

void add_rho_option(CLI::App& command, TokenFlags& flags) {
  command.add_option("--rho", flags.rhos, "shares of 8-bit tokens, 0..1; may be repeated (default 0.25 0.5 0.75)")
      ->type_name("R")
      ->check(real_from(0.0, 1.0));
}

}  // namespace

void add_token_studies(CLI::App& analyze, Cli& cli) {
  auto flags = std::make_shared<TokenFlags>();
  CLI::App* command = add_study(analyze, cli, "importance",
                                "Perplexity when another score than the paper's chooses the 8-bit tokens.\n"
                                "Attention to the first token, attention received, the loss's gradient, chance.",
                                " --rho 0.5", [&cli, flags] { return importance(cli.common, *flags); });
  add_study_options(*command, flags->study);
  add_rho_option(*command, *flags);
  command->add_option("--seeds", flags->seeds, "seeds of the random choice (default 3)")
      ->type_name("N")
      ->check(CLI::Range(1, 1000).description(""));

  flags = std::make_shared<TokenFlags>();
  command = add_study(analyze, cli, "widths", "Share of 8-bit tokens by layer and position, for every width rule.",
                      " --rho 0.5", [&cli, flags] { return widths(cli.common, *flags); });
  add_study_options(*command, flags->study);
  add_rho_option(*command, *flags);
  command->add_option("--parts", flags->parts, "parts of equal length a window is cut into (default 8)")
      ->type_name("N")
      ->check(CLI::Range(1, 4096).description(""));
}

}  // namespace squat::cli
