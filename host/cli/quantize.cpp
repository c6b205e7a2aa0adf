// SPDX-License-Identifier: Apache-2.0
// squat quantize: a floating-point model directory and some text in, an integer model directory out.
#include "host/quantize/quantize.hpp"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <memory>

#include "host/cli/command.hpp"
#include "host/cli/interrupt_guard.hpp"
#include "host/cli/open_model.hpp"
#include "host/cli/progress.hpp"
#include "host/cli/width_flags.hpp"
#include "host/evaluate/perplexity.hpp"
#include "host/model/model_directory.hpp"
#include "host/model/output_file.hpp"
#include "host/model/width_names.hpp"

namespace squat::cli {
namespace {

struct QuantizeFlags {
  std::string model, calibration, out;
  WidthFlags widths;
  WidthOptions width_options;
};

ExitCode quantize(const CommonOptions& common, const QuantizeFlags& options) {
  refuse_unless_mixed(options.width_options, options.widths);
  const InterruptGuard guard;
  // Nothing is computed for a target that cannot be written.
  { const model::StagedDirectory probe(options.out); }
  const model::LoadedModel loaded = model::load_model_directory(options.model);
  if (loaded.real() == nullptr) throw usage_error(options.model + " is quantised already; give the floating-point directory");
  const model::Tokenizer tokenizer(options.model, loaded.config());
  quantize::QuantizeOptions how;
  const int window = std::min(how.calibration.window, loaded.config().max_positions);
  const std::vector<int> ids = evaluate::encode_file(tokenizer, options.calibration, window);
  how.weight_bits = options.widths.weight_bits;
  how.activations = model::parse_activations(options.widths.activations).value();
  how.rho = options.widths.rho;
  how.rule = model::parse_rule(options.widths.rule).value();
  how.seed = common.seed;
  how.calibration.seed = common.seed;
  Progress progress("calibrating window");
  how.calibration.progress = [&](int done, int total) { progress.update(done, total); };
  const quantize::QuantizeResult result = quantize::quantize_model(*loaded.real(), ids, how);
  for (const std::string& warning : result.warnings) note("warning: " + warning);
  model::write_model_directory(result.model, options.out, options.model);

  nlohmann::ordered_json sites = nlohmann::ordered_json::array();
  for (const quantize::SiteReport& site : result.sites) {
    sites.push_back({{"name", site.name}, {"scale", site.scale}, {"mse", site.mse}});
  }
  print_result({{"schema", "squat.quantize/1"},
                {"model", options.out},
                {"source", options.model},
                {"weight_bits", result.model.weight_bits},
                {"activations", model::activations_name(result.model.widths.activations)},
                {"rho", model::rho_of(result.model.widths)},
                {"rule", model::rule_name(result.model.widths.rule)},
                {"sites", sites}},
               common.format);
  return ExitCode::kOk;
}

}  // namespace

void add_quantize(CLI::App& app, Cli& cli) {
  auto options = std::make_shared<QuantizeFlags>();
  CLI::App* command = add_command(app, cli, "quantize", "Make an integer model from a floating-point one (after training).",
                                  "squat quantize --model models/tales/fp32 --calib models/tales/calibration.txt \\\n"
                                  "    --out tales-w4 --weight-bits 4 --activations mixed --rho 0.5",
                                  [&cli, options] { return quantize(cli.common, *options); });
  add_model_option(
      *command, options->model,
      "LLaMA or GPT-2 directory as from the Hugging Face hub: config.json, safetensors, tokenizer.model or tokenizer.json");
  command
      ->add_option("--calib", options->calibration,
                   "text that the scales are fitted on; 32 windows of 128 tokens are drawn from it")
      ->type_name("FILE")
      ->required();
  command->add_option("--out", options->out, "directory to write; appears complete or not at all")
      ->type_name("DIR")
      ->required();
  options->width_options = add_width_options(*command, options->widths);
}

}  // namespace squat::cli
