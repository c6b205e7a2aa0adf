// SPDX-License-Identifier: Apache-2.0
// squat analyze modules (Fig. 1 of the paper) and bits (Fig. 8): perplexity by what is rounded, and to how many bits.
#include <CLI/CLI.hpp>
#include <memory>

#include "host/cli/progress.hpp"
#include "host/cli/study.hpp"

namespace squat::cli {
namespace {

using Json = nlohmann::ordered_json;

ExitCode modules(const CommonOptions& common, const StudyFlags& flags) {
  const Study study = open_study(flags, common);
  analyze::RoundingOptions how;
  how.weight_bits = flags.weight_bits;
  how.activation_bits = flags.activation_bits;
  const reference::FakeQuant all = study.rounding(how);
  const std::vector<analyze::Module> parts = analyze::modules();
  std::vector<std::optional<reference::FakeQuant>> variants(1);
  for (const analyze::Module& module : parts) {
    for (const reference::RoundedParts& rounded :
         {analyze::activations_only(module.parts), analyze::weights_only(module.parts), module.parts}) {
      variants.emplace_back(all);
      variants.back()->parts = rounded;
    }
  }
  Progress progress("model");
  const auto results = analyze::perplexities(study.model, variants, study.text, common.threads,
                                             [&](int done, int total) { progress.update(done, total); });
  Json object = study_object("modules", flags, study);
  object["activations"] = std::to_string(flags.activation_bits);
  const double real = results[0].perplexity;
  object["perplexity"] = real;
  object["rows"] = Json::array();
  for (std::size_t i = 0; i < parts.size(); ++i) {
    const double activations = results[3 * i + 1].perplexity, weights = results[3 * i + 2].perplexity,
                 both = results[3 * i + 3].perplexity;
    object["rows"].push_back({{"rounded", parts[i].name},
                              {"activations_perplexity", activations},
                              {"weights_perplexity", weights},
                              {"perplexity", both},
                              {"increase", both - real}});
  }
  print_result(object, common.format);
  return ExitCode::kOk;
}

ExitCode bits(const CommonOptions& common, const StudyFlags& flags) {
  const Study study = open_study(flags, common);
  std::vector<std::optional<reference::FakeQuant>> variants(1);
  Json rows = Json::array({{{"activations", "float"}, {"mean_bits", nullptr}}});
  const auto add = [&](analyze::RoundingOptions how, const std::string& name, double mean) {
    how.weight_bits = flags.weight_bits;
    how.seed = common.seed;
    variants.emplace_back(study.rounding(how));
    rows.push_back({{"activations", name}, {"mean_bits", mean}});
  };
  for (const int width : {8, 7, 6, 5, 4}) {
    analyze::RoundingOptions how;
    how.activation_bits = width;
    add(how, std::to_string(width), width);
  }
  for (const double rho : {0.75, 0.5, 0.25}) {
    analyze::RoundingOptions how;
    how.mixed = true;
    how.rho = rho;
    add(how, "mixed", 8 * rho + 4 * (1 - rho));
  }
  Progress progress("model");
  const auto results = analyze::perplexities(study.model, variants, study.text, common.threads,
                                             [&](int done, int total) { progress.update(done, total); });
  for (std::size_t i = 0; i < results.size(); ++i) {
    const bool mixed = rows[i]["activations"] == "mixed";
    rows[i]["eight_bit_share"] = mixed ? Json(results[i].eight_bit_share) : Json();
    rows[i]["perplexity"] = results[i].perplexity;
  }
  Json object = study_object("bits", flags, study);
  object["rule"] = "sequence";
  object["rows"] = rows;
  print_result(object, common.format);
  return ExitCode::kOk;
}

}  // namespace

void add_quality_studies(CLI::App& analyze, Cli& cli) {
  auto flags = std::make_shared<StudyFlags>();
  CLI::App* command = add_study(analyze, cli, "modules",
                                "Perplexity when only one module is rounded: MLP, attention, queries and keys (Fig. 1).\n"
                                "Each with its activations, its weights, and both.",
                                " --activations 4", [&cli, flags] { return modules(cli.common, *flags); });
  add_study_options(*command, *flags);
  add_uniform_option(*command, *flags);
  flags = std::make_shared<StudyFlags>();
  command = add_study(analyze, cli, "bits",
                      "Perplexity of uniform activations of 8 to 4 bits, and of 8 and 4 mixed (Fig. 8).\n"
                      "No training; mixed by the sequence rule. No device has 7, 6 or 5 bits.",
                      "", [&cli, flags] { return bits(cli.common, *flags); });
  add_study_options(*command, *flags);
}

}  // namespace squat::cli
