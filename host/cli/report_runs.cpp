// SPDX-License-Identifier: Apache-2.0
#include "host/cli/report_runs.hpp"

#include <algorithm>

#include "host/backends/xrt/simulation_options.hpp"
#include "host/cli/comparison.hpp"
#include "host/cli/generate_text.hpp"
#include "host/cli/profile.hpp"
#include "host/cli/progress.hpp"
#include "host/cli/version.hpp"
#include "host/cli/width_flags.hpp"
#include "host/cli/window_logits.hpp"
#include "host/engine/sequence.hpp"
#include "host/evaluate/table_columns.hpp"
#include "host/model/width_names.hpp"
#include "host/quantize/quantize.hpp"
#include "host/quantize/random_model.hpp"

namespace squat::cli {
namespace {

using Json = nlohmann::ordered_json;
using evaluate::TableColumn;

constexpr int kPrefill = 128, kDecode = 8, kWindow = 128;

/// A result as the report reads it from files.
report::Result result_of(const Json& object, const std::string& command) {
  report::Result result = {command, nlohmann::json::parse(object.dump(-1, ' ', false, Json::error_handler_t::replace))};
  result.object["command"] = command;
  return result;
}

/// Shape and length of the runs; short models get a short prompt.
BenchOptions bench_of(const ReportRuns& runs) {
  BenchOptions bench;
  bench.model = runs.model;
  bench.shape = runs.shape.empty() && runs.model.empty() ? "tiny" : runs.shape;
  bench.measure.prefill = std::clamp(config_of(bench).max_positions - kDecode, 1, kPrefill);
  bench.measure.decode = kDecode;
  return bench;
}

std::vector<std::string> bench_arguments(const BenchOptions& bench) {
  std::vector<std::string> arguments =
      bench.model.empty() ? std::vector<std::string>{"--shape", bench.shape} : std::vector<std::string>{"--model", bench.model};
  for (const std::string& each : {std::string("--prefill"), std::to_string(bench.measure.prefill), std::string("--decode"),
                                  std::to_string(bench.measure.decode)}) {
    arguments.push_back(each);
  }
  return arguments;
}

model::IntegerModel quantized(const model::FloatModel& real, const ReportRuns& runs, const TableColumn& column,
                              std::uint32_t seed) {
  const model::Tokenizer tokenizer(runs.model, real.config);
  quantize::QuantizeOptions how;
  how.weight_bits = column.weight_bits;
  how.activations = model::parse_activations(column.activations).value();
  how.rho = column.rho;
  how.seed = seed;
  how.calibration.seed = seed;
  const int window = std::min(how.calibration.window, real.config.max_positions);
  return quantize::quantize_model(real, evaluate::encode_file(tokenizer, runs.calibration, window), how).model;
}

std::vector<std::string> quantize_arguments(const ReportRuns& runs, const TableColumn& column) {
  std::vector<std::string> arguments = {"--model",       runs.model,
                                        "--calib",       runs.calibration,
                                        "--out",         "DIR",
                                        "--weight-bits", std::to_string(column.weight_bits),
                                        "--activations", column.activations};
  if (column.activations == std::string("mixed")) {
    arguments.push_back("--rho");
    arguments.push_back(Json(column.rho).dump());
  }
  return arguments;
}

std::string eval_command(const ReportRuns& runs, const std::string& model) {
  return shell_line("squat eval", {"--model", model, "--text", runs.text, "--max-windows", std::to_string(runs.max_windows)});
}

}  // namespace

report::Result run_compare(const CommonOptions& common, const ReportRuns& runs) {
  ComparisonOptions options;
  options.bench = bench_of(runs);
  options.bench.devices = {"cpu", "estimate"};
  options.configs = backends::configuration_names();
  options.bench.measure.seconds = 0.2;
  std::vector<std::string> arguments = bench_arguments(options.bench);
  std::string configs;
  for (const std::string& name : options.configs) configs += (configs.empty() ? "" : ",") + name;
  for (const std::string& each : {std::string("--device"), std::string("cpu,estimate"), std::string("--config"), configs,
                                  std::string("--seconds"), std::string("0.2")}) {
    arguments.push_back(each);
  }
  return result_of(run_comparison(common, options).object, shell_line("squat compare", arguments));
}

report::Result run_profile(const CommonOptions& common, const ReportRuns& runs) {
  const BenchOptions bench = bench_of(runs);
  const model::IntegerModel m = quantize::random_model(config_of(bench), 4, {}, common.seed);
  OpenDevice opened = open_device("estimate", m, common);
  opened.device->set_profile(true);
  std::vector<ProfiledPhase> phases;
  MeasureOptions how = bench.measure;
  how.seed = common.seed;
  how.each_pass = gather_profile(phases, opened);
  Json rows = measure(opened, bench.model.empty() ? bench.shape : bench.model, how, [](int, int) {});
  Json accelerator;
  add_accelerator(accelerator, opened);
  Json object = bench_object("squat.bench/1", std::move(rows), common, accelerator);
  add_profile(object, m, phases, true);
  std::vector<std::string> arguments = bench_arguments(bench);
  arguments.insert(arguments.end(), {"--device", "estimate", "--profile"});
  return result_of(object, shell_line("squat bench", arguments));
}

std::vector<report::Result> run_evals(const CommonOptions& common, const ReportRuns& runs, const model::LoadedModel& loaded) {
  const model::ModelConfig& config = loaded.config();
  const model::Tokenizer tokenizer(runs.model, config);
  evaluate::PerplexityOptions how;
  how.window = std::min(kWindow, config.max_positions);
  how.max_windows = runs.max_windows;
  const std::vector<int> ids = evaluate::encode_file(tokenizer, runs.text, how.window);
  std::vector<report::Result> results;
  const auto add = [&](const evaluate::LogitsFunction& logits, Json about, const std::string& command) {
    const evaluate::PerplexityResult found = evaluate::perplexity(ids, config.vocab_size, logits, how);
    Json object = {{"schema", "squat.eval/1"},       {"model", runs.model},    {"text", runs.text}, {"windows", found.windows},
                   {"perplexity", found.perplexity}, {"tokens", found.tokens}, {"device", "cpu"}};
    object.update(about);
    results.push_back(result_of(object, command));
  };
  const auto add_integer = [&](const model::IntegerModel& m, const std::string& command) {
    const OpenDevice opened = open_device("cpu", m, common);
    std::vector<std::int32_t> logits;
    engine::EightBitShare share;
    const evaluate::LogitsFunction function = logits_of(*opened.device, logits, share);
    // The share is known when all windows have run.
    add(function, {{"weight_bits", m.weight_bits}, {"activations", model::activations_name(m.widths.activations)}}, command);
    results.back().object["eight_bit_share"] = share.value();
  };
  if (const model::IntegerModel* m = loaded.integer()) {
    add_integer(*m, eval_command(runs, runs.model));
    return results;
  }
  const model::FloatModel& real = *loaded.real();
  {
    reference::FloatReference reference(real);
    add(logits_of(reference), {{"weight_bits", 32}, {"activations", "float"}, {"eight_bit_share", nullptr}},
        eval_command(runs, runs.model));
  }
  Progress progress("quantised model");
  for (std::size_t i = 0; i < evaluate::kTableColumns.size(); ++i) {
    const TableColumn& column = evaluate::kTableColumns[i];
    progress.update(static_cast<int>(i), static_cast<int>(evaluate::kTableColumns.size()));
    if (column.weight_bits == 16) continue;
    add_integer(quantized(real, runs, column, common.seed),
                shell_line("squat quantize", quantize_arguments(runs, column)) + " && " + eval_command(runs, "DIR"));
  }
  return results;
}

report::Result run_generate(const CommonOptions& common, const ReportRuns& runs, const model::LoadedModel& loaded) {
  constexpr int kTokens = 96;
  const TableColumn& half = evaluate::kTableColumns[4];
  const bool real = loaded.integer() == nullptr;
  const model::IntegerModel m = real ? quantized(*loaded.real(), runs, half, common.seed) : *loaded.integer();
  const model::Tokenizer tokenizer(runs.model, m.config);
  const std::vector<int> prompt = tokenizer.encode(runs.prompt, true);
  OpenDevice opened = open_device("cpu", m, common);
  GenerateOptions how;
  how.tokens = std::min(kTokens, opened.device->context() - static_cast<int>(prompt.size()));
  if (how.tokens < 1 || prompt.size() < 2) throw usage_error("--prompt: expected some words that leave room in the context");
  engine::check_sequence(*opened.device, static_cast<int>(prompt.size()), how.tokens - 1, how.chunk, "--prompt");
  Json object = {{"schema", "squat.generate/1"}, {"model", runs.model}, {"device", "cpu"}, {"prompt", runs.prompt}};
  object.update(generate_object(opened, tokenizer, prompt, how, true));
  const std::string command = shell_line("squat generate", {"--model", real ? "DIR" : runs.model, "--prompt", runs.prompt,
                                                            "--tokens", std::to_string(how.tokens), "--format", "json"});
  return result_of(object, real ? shell_line("squat quantize", quantize_arguments(runs, half)) + " && " + command : command);
}

}  // namespace squat::cli
