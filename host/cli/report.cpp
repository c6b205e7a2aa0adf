// SPDX-License-Identifier: Apache-2.0
// squat report: results of the other commands as one HTML file that needs nothing else.
#include <CLI/CLI.hpp>
#include <memory>
#include <optional>

#include "host/cli/command.hpp"
#include "host/cli/report_runs.hpp"
#include "host/model/output_file.hpp"
#include "host/quantize/random_model.hpp"
#include "host/report/page.hpp"

namespace squat::cli {
namespace {

constexpr std::size_t kMaxPage = 3'000'000;

struct ReportFlags {
  ReportRuns runs;
  std::string out, compare, profile;
  std::vector<std::string> analyses, evals, texts;
};

/// Results from files, and for what has none those of the default runs.
report::Inputs inputs_of(const CommonOptions& common, const ReportFlags& options) {
  report::Inputs inputs;
  // All files are read before anything runs.
  if (!options.compare.empty()) inputs.compare.push_back(report::read_result(options.compare, "squat.compare/1"));
  if (!options.profile.empty()) inputs.profile.push_back(report::read_result(options.profile, "squat.bench/1"));
  for (const std::string& file : options.analyses) inputs.analyze.push_back(report::read_result(file, "squat.analyze/1"));
  for (const std::string& file : options.evals) inputs.evals.push_back(report::read_result(file, "squat.eval/1"));
  for (const std::string& file : options.texts) inputs.texts.push_back(report::read_result(file, "squat.generate/1"));

  const ReportRuns& runs = options.runs;
  std::optional<model::LoadedModel> loaded;
  if (!runs.model.empty()) {
    loaded = model::load_model_directory(runs.model);
    if (loaded->integer() == nullptr && runs.calibration.empty()) {
      throw usage_error(runs.model +
                        " holds a floating-point model; give --calib FILE, text to quantise it with, or an integer model");
    }
  } else if (!runs.text.empty() || !runs.calibration.empty()) {
    throw usage_error("--text and --calib are for a model; give --model DIR with them, or leave them out");
  }
  const bool given = !inputs.compare.empty() || !inputs.profile.empty() || !inputs.analyze.empty() || !inputs.evals.empty() ||
                     !inputs.texts.empty();
  const bool run = loaded.has_value() || !runs.shape.empty() || !given;
  if (!run) return inputs;
  if (inputs.compare.empty()) inputs.compare.push_back(run_compare(common, runs));
  if (inputs.profile.empty()) inputs.profile.push_back(run_profile(common, runs));
  if (loaded && inputs.evals.empty() && !runs.text.empty()) inputs.evals = run_evals(common, runs, *loaded);
  if (loaded && inputs.texts.empty()) inputs.texts.push_back(run_generate(common, runs, *loaded));
  return inputs;
}

ExitCode report_command(const CommonOptions& common, const ReportFlags& options) {
  if (!options.runs.model.empty() && !options.runs.shape.empty()) throw usage_error("give either --model DIR or --shape NAME");
  const report::Inputs inputs = inputs_of(common, options);
  const std::string page = report::page_of(report::view_of(inputs));
  if (page.size() > kMaxPage) {
    throw input_error("the report would have " + std::to_string(page.size()) + " bytes, more than " + std::to_string(kMaxPage) +
                      "; give fewer or smaller results");
  }
  model::write_text_file(options.out, page);
  nlohmann::ordered_json results = nlohmann::ordered_json::array();
  for (const auto* list : {&inputs.compare, &inputs.profile, &inputs.analyze, &inputs.evals, &inputs.texts}) {
    for (const report::Result& result : *list) results.push_back({{"schema", result.object["schema"]}, {"from", result.from}});
  }
  print_result({{"schema", "squat.report/1"}, {"out", options.out}, {"bytes", page.size()}, {"results", results}},
               common.format);
  return ExitCode::kOk;
}

}  // namespace

void add_report(CLI::App& app, Cli& cli) {
  auto options = std::make_shared<ReportFlags>();
  CLI::App* command = add_command(
      app, cli, "report",
      "One HTML file with charts and tables of latency, quality, limits, cycles and widths.\n"
      "It loads nothing and opens from disk. Results come from files that other commands wrote with --format json. "
      "With --model or --shape, or with no file at all, what was not given is run here: latency on the cpu and predicted "
      "for the accelerator, its profile; with --model a text, and with --text its perplexity, a floating-point model's at "
      "every width (default: --shape tiny).",
      "squat report --model models/tales/fp32 --calib models/tales/calibration.txt \\\n"
      "    --text models/tales/valid.txt --out report.html",
      [&cli, options] { return report_command(cli.common, *options); });
  const auto file = [&](const char* name, std::string& value, const char* what) {
    command->add_option(name, value, what)->type_name("FILE");
  };
  file("--out", options->out, "HTML file to write; appears complete or not at all");
  command->get_option("--out")->required();
  command->add_option("--model", options->runs.model, "model directory, integer or floating point")->type_name("DIR");
  command->add_option("--shape", options->runs.shape, "seeded random weights of a named shape: tiny, llama-58m or gpt2-97m")
      ->type_name("NAME")
      ->check(CLI::IsMember(quantize::shape_names()).description(""));
  file("--calib", options->runs.calibration, "text that a floating-point model is quantised with");
  file("--text", options->runs.text, "text whose perplexity is evaluated");
  command->add_option("--prompt", options->runs.prompt, "text that the model continues (default \"Once upon a time\")")
      ->type_name("TEXT");
  command->add_option("--max-windows", options->runs.max_windows, "windows of 128 tokens of the text (default 16)")
      ->type_name("N")
      ->check(CLI::Range(1, 1 << 30).description(""));
  file("--compare", options->compare, "result of squat compare");
  file("--profile", options->profile, "result of squat bench --profile");
  command->add_option("--analyze", options->analyses, "results of squat analyze; may be given several times")
      ->type_name("FILE");
  command->add_option("--eval", options->evals, "results of squat eval; may be given several times")->type_name("FILE");
  command->add_option("--generate", options->texts, "results of squat generate; may be given several times")->type_name("FILE");
}

}  // namespace squat::cli
