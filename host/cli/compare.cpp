// SPDX-License-Identifier: Apache-2.0
// squat compare: the latency table of the paper, with our devices beside the published ones.
#include <array>
#include <memory>
#include <optional>

#include "host/cli/bench_options.hpp"
#include "host/cli/progress.hpp"
#include "host/cli/published.hpp"
#include "host/cli/shapes.hpp"
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
  if (options.model.empty()) return named_shape(options.shape.empty() ? "tiny" : options.shape);
  const std::filesystem::path file = std::filesystem::path(options.model) / "config.json";
  return model::config_from_json(model::read_json_object(file), file.string());
}

/// The asked-for devices, or all that this machine has; says which are left out.
std::vector<std::string> available_devices(const std::vector<std::string>& wanted, const model::ModelConfig& config,
                                           const CommonOptions& common) {
  if (!wanted.empty()) return wanted;
  const model::IntegerModel m = quantize::random_model(config, 4, {}, 0);
  std::vector<std::string> found;
  for (const char* name : {"cpu", "sim"}) {
    try {
      open_device(name, m, common);
      found.emplace_back(name);
    } catch (const Error& error) {
      if (error.code() != ExitCode::kDeviceUnavailable) throw;
      note(std::string("left out: ") + error.what());
    }
  }
  return found;
}

ExitCode compare(const CommonOptions& common, const BenchOptions& options) {
  const model::ModelConfig config = shape_of(options);
  check_bench_options(options, config);
  const std::string name = !options.model.empty() ? options.model : options.shape.empty() ? "tiny" : options.shape;
  MeasureOptions how = options.measure;
  how.seed = common.seed;
  const std::vector<std::string> devices = available_devices(options.devices, config, common);
  nlohmann::ordered_json results = nlohmann::ordered_json::array();
  std::string transport, ddr;
  Progress progress("setting");
  int done = 0;
  const int total = static_cast<int>(devices.size() * kSettings.size());
  for (const Setting& setting : kSettings) {
    const model::WidthPolicy widths = policy_of({setting.weight_bits, setting.activations, setting.rho, "random"}, common.seed);
    const model::IntegerModel m = quantize::random_model(config, setting.weight_bits, widths, common.seed);
    for (const std::string& device : devices) {
      const OpenDevice opened = open_device(device, m, common);
      for (const auto& row : measure(opened, name, how, [](int, int) {})) results.push_back(row);
      if (!opened.transport.empty()) transport = opened.transport;
      if (!opened.ddr.empty()) ddr = opened.ddr;
      progress.update(++done, total);
    }
  }
  for (const auto& row : published_rows()) results.push_back(row);
  nlohmann::ordered_json summary = summary_of(results);
  nlohmann::ordered_json object = bench_object("squat.compare/1", std::move(results), common, transport, ddr);
  object["ms_per_token"] = std::move(summary);
  if (common.format == Format::kTable || common.format == Format::kMarkdown) {
    object.erase("results");
    note("every row with cycles and utilisation: --format json or csv");
  }
  print_result(object, common.format);
  return ExitCode::kOk;
}

}  // namespace

void add_compare(CLI::App& app, Cli& cli) {
  auto options = std::make_shared<BenchOptions>();
  CLI::App* command = add_command(
      app, cli, "compare",
      "Latency of devices x {W8A8, W4A8, 4:8 = 1:3, 1:1, 3:1, W4A4}, with the paper's figures marked as published.\n"
      "Weights are random: the time does not depend on their values. Devices default to cpu and, where it is built, sim;\n"
      "the shape to tiny. Mixed prompts have exactly the named share of 8-bit tokens.",
      "squat compare --shape llama-58m --prefill 128 --decode 4 --format md",
      [&cli, options] { return compare(cli.common, *options); });
  command->add_option("--model", options->model, "take the shape from this directory's config.json")->type_name("DIR");
  add_bench_options(*command, *options);
  add_xclbin_option(*command, cli.common);
}

}  // namespace squat::cli
