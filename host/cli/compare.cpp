// SPDX-License-Identifier: Apache-2.0
// squat compare: the latency table of the paper, with our devices beside the published ones.
#include <array>
#include <functional>
#include <memory>
#include <utility>

#include "host/cli/bench_options.hpp"
#include "host/cli/progress.hpp"
#include "host/cli/published.hpp"
#include "host/cli/summary.hpp"
#include "host/cli/width_flags.hpp"
#include "host/model/config_json.hpp"
#include "host/model/json_file.hpp"
#include "host/quantize/random_model.hpp"

namespace squat::cli {
namespace {

struct Setting {
  int weight_bits;
  const char* activations;
  double rho;
};

// W8A8, W4A8, 4:8 = 1:3, 1:1, 3:1, W4A4: the paper's columns.
constexpr std::array<Setting, 6> kSettings = {
    {{8, "8", 1.0}, {4, "8", 1.0}, {4, "mixed", 0.75}, {4, "mixed", 0.5}, {4, "mixed", 0.25}, {4, "4", 0.0}}};

model::ModelConfig shape_of(const BenchOptions& options) {
  if (!options.model.empty() && !options.shape.empty()) throw usage_error("give either --model DIR or --shape NAME");
  if (options.model.empty()) return quantize::shape_config(options.shape.empty() ? "tiny" : options.shape);
  const std::filesystem::path file = std::filesystem::path(options.model) / "config.json";
  return model::config_from_json(model::read_json_object(file), file.string());
}

/// The rows so far, the devices still in the comparison, and why others left it.
struct Table {
  std::vector<std::string> devices;
  nlohmann::ordered_json results = nlohmann::ordered_json::array(), left_out = nlohmann::ordered_json::array();
  nlohmann::ordered_json accelerator;
  ExitCode code = ExitCode::kOk;

  /// Runs `step` for each device; one that is unavailable or fails is left out from then on, and standard error says so.
  /// Left out is an error (4, 5) when the device was `asked` for, and always when it failed in a run.
  void for_each_device(bool asked, const std::function<void(const std::string&)>& step) {
    std::vector<std::string> remaining;
    for (const std::string& name : devices) {
      try {
        step(name);
        remaining.push_back(name);
      } catch (const Error& error) {
        const bool failed = error.code() == ExitCode::kDeviceFailed;
        if (!failed && error.code() != ExitCode::kDeviceUnavailable) throw;
        note("device " + name + " is left out: " + error.what());
        left_out.push_back({{"device", name}, {"reason", error.what()}});
        if (failed || (asked && code == ExitCode::kOk)) code = error.code();
      }
    }
    devices = remaining;
  }
};

ExitCode compare(const CommonOptions& given, const BenchOptions& options) {
  const model::ModelConfig config = shape_of(options);
  check_bench_options(options, config);
  const std::string name = !options.model.empty() ? options.model : options.shape.empty() ? "tiny" : options.shape;
  MeasureOptions how = options.measure;
  how.seed = given.seed;
  const bool asked = !options.devices.empty();
  Table table;
  table.devices = asked ? options.devices : std::vector<std::string>{"cpu", "sim"};
  const CommonOptions common = options_for(given, table.devices);
  {
    const model::IntegerModel m = quantize::random_model(config, 4, {}, 0);
    table.for_each_device(
        asked, [&](const std::string& device) { check_bench_options(options, *open_device(device, m, common).device); });
  }
  Progress progress("setting");
  int done = 0;
  const int total = static_cast<int>(table.devices.size() * kSettings.size());
  for (const Setting& setting : kSettings) {
    const model::WidthPolicy widths = policy_of({setting.weight_bits, setting.activations, setting.rho, "random"}, common.seed);
    const model::IntegerModel m = quantize::random_model(config, setting.weight_bits, widths, common.seed);
    table.for_each_device(asked, [&](const std::string& device) {
      const OpenDevice opened = open_device(device, m, common);
      for (const auto& row : measure(opened, name, how, [](int, int) {})) table.results.push_back(row);
      add_accelerator(table.accelerator, opened);
      progress.update(++done, total);
    });
  }
  for (const auto& row : published_rows()) table.results.push_back(row);
  nlohmann::ordered_json summary = summary_of(table.results);
  nlohmann::ordered_json object = bench_object("squat.compare/1", std::move(table.results), common, table.accelerator);
  object["ms_per_token"] = std::move(summary);
  if (!table.left_out.empty()) object["left_out"] = table.left_out;
  object = with_environment_columns(std::move(object), common.format);
  if (common.format == Format::kTable || common.format == Format::kMarkdown) {
    object.erase("results");
    note("every row with cycles and utilisation: --format json or csv");
  }
  print_result(object, common.format);
  return table.code;
}

}  // namespace

void add_compare(CLI::App& app, Cli& cli) {
  auto options = std::make_shared<BenchOptions>();
  CLI::App* command = add_command(
      app, cli, "compare",
      "Latency of devices beside the paper's published figures.\n"
      "Columns W8A8, W4A8, 4:8 = 1:3, 1:1, 3:1, W4A4.\n"
      "Weights are random: the time does not depend on their values. Devices default to cpu and, where it is built, sim;\n"
      "the shape to tiny. Mixed prompts have exactly the named share of 8-bit tokens. A device that cannot run is left out\n"
      "with a message; the exit code is then 4 if it was asked for, and 5 if it failed in a run.",
      "squat compare --shape llama-58m --prefill 128 --decode 4 --format md",
      [&cli, options] { return compare(cli.common, *options); });
  command->add_option("--model", options->model, "take the shape from this directory's config.json")->type_name("DIR");
  add_bench_options(*command, *options);
  add_accelerator_options(*command, cli.common);
}

}  // namespace squat::cli
