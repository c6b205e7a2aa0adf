// SPDX-License-Identifier: Apache-2.0
#include "host/cli/study.hpp"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <utility>

#include "host/cli/open_model.hpp"
#include "host/engine/sequence.hpp"
#include "host/evaluate/perplexity.hpp"
#include "host/model/model_directory.hpp"

namespace squat::cli {

void add_study_options(CLI::App& command, StudyFlags& flags) {
  const auto count = [&](const char* name, int& value, const std::string& text, int least, int most) {
    command.add_option(name, value, text + " (default " + std::to_string(value) + ")")
        ->type_name("N")
        ->check(CLI::Range(least, most).description(""));
  };
  add_model_option(command, flags.model, "floating-point directory; it is rounded in floating point, nothing is written");
  command.add_option("--text", flags.text, "text to measure on; each non-empty line gets a leading begin-of-text token")
      ->type_name("FILE")
      ->required();
  command.add_option("--calib", flags.calibration, "text that scales are calibrated on (default: that of --text)")
      ->type_name("FILE");
  count("--window", flags.window, "tokens per window, 8..4096", 8, 4096);
  count("--max-windows", flags.max_windows, "windows of the text", 1, 1 << 30);
  count("--calib-windows", flags.calibration_windows, "windows of calibration", 1, 1 << 20);
  command.add_option("--weight-bits", flags.weight_bits, "bits of the weights: 4 or 8 (default 4)")
      ->type_name("BITS")
      ->check(CLI::IsMember({"4", "8"}).description(""));
}

void add_uniform_option(CLI::App& command, StudyFlags& flags) {
  command.add_option("--activations", flags.activation_bits, "bits of the activations of all tokens: 8 or 4 (default 4)")
      ->type_name("BITS")
      ->check(CLI::IsMember({"8", "4"}).description(""));
}

Study open_study(const StudyFlags& flags, const CommonOptions& common) {
  model::LoadedModel loaded = model::load_model_directory(flags.model);
  if (loaded.real() == nullptr) {
    throw usage_error(flags.model + " is quantised already; analyze compares the floating-point directory with its rounding");
  }
  const model::ModelConfig config = loaded.config();
  engine::check_positions(config, nullptr, flags.window, "windows of --window " + std::to_string(flags.window) + " tokens");
  const model::Tokenizer tokenizer(flags.model, config);
  Study study;
  study.text.ids = evaluate::encode_file(tokenizer, flags.text, flags.window);
  study.text.window = flags.window;
  study.text.max_windows = flags.max_windows;
  study.calibration.seed = common.seed;
  study.calibration.windows = flags.calibration_windows;
  const int needed = std::min(study.calibration.window, config.max_positions);
  study.calibration_ids = evaluate::encode_file(tokenizer, flags.calibration.empty() ? flags.text : flags.calibration, needed);
  study.model = std::get<model::FloatModel>(std::move(loaded.model));
  return study;
}

nlohmann::ordered_json study_object(const char* analysis, const StudyFlags& flags, const Study& study) {
  return {{"schema", "squat.analyze/1"},
          {"analysis", analysis},
          {"model", flags.model},
          {"text", flags.text},
          {"calibration", flags.calibration.empty() ? flags.text : flags.calibration},
          {"window", flags.window},
          {"windows", study.text.windows()},
          {"weight_bits", flags.weight_bits}};
}

CLI::App* add_study(CLI::App& analyze, Cli& cli, const std::string& name, const std::string& description,
                    const std::string& flags, std::function<ExitCode()> action) {
  return add_command(analyze, cli, name, description,
                     "squat analyze " + name +
                         " --model models/tales/fp32 --text models/tales/valid.txt \\\n"
                         "      --calib models/tales/calibration.txt" +
                         flags,
                     std::move(action));
}

void add_analyze(CLI::App& app, Cli& cli) {
  CLI::App* analyze = app.add_subcommand("analyze",
                                         "Where quantisation costs quality, and why: the paper's figures for a model.\n"
                                         "One study per sub-command, on the processor.");
  analyze->require_subcommand(1);
  analyze->footer(
      "Example:\n  squat analyze modules --model models/tales/fp32 --text models/tales/valid.txt \\\n"
      "      --calib models/tales/calibration.txt\n"
      "Each study has its own --help with units and defaults.");
  add_common_options(*analyze, cli.common);
  add_quality_studies(*analyze, cli);
  add_attention_studies(*analyze, cli);
  add_token_studies(*analyze, cli);
#ifdef SQUAT_HAVE_TRAINER
  add_loss_study(*analyze, cli);
#endif
}

}  // namespace squat::cli
