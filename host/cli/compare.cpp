// SPDX-License-Identifier: Apache-2.0
// squat compare: the latency table of the paper, with our devices beside the published ones.
#include <CLI/CLI.hpp>
#include <memory>
#include <utility>

#include "host/cli/comparison.hpp"
#include "host/cli/summary.hpp"

namespace squat::cli {
namespace {

using Json = nlohmann::ordered_json;

/// Rows of the wide table "accelerators" as single values.
void shorten_accelerators(Json& object) {
  if (!object.contains("accelerators")) return;
  Json fields;
  for (const Json& row : object["accelerators"]) {
    std::string text;
    for (const char* key : {"transport", "accelerator", "clock_mhz", "ddr"}) {
      if (!row.contains(key)) continue;
      const Json& value = row[key];
      text += (text.empty() ? "" : "; ") + (value.is_string() ? value.get<std::string>() : value.dump() + " MHz (assumed)");
    }
    fields[row["device"].get<std::string>() + " " + row["config"].get<std::string>()] = text;
  }
  object["accelerators"] = fields;
}

ExitCode compare(const CommonOptions& given, const ComparisonOptions& options) {
  ComparisonResult result = run_comparison(given, options);
  Json object = with_environment_columns(std::move(result.object), given.format);
  if (given.format == Format::kTable || given.format == Format::kMarkdown) {
    Json tables = reading_tables(object["results"]);
    for (const char* key : {"definition", "results", "ms_per_token"}) object.erase(key);
    shorten_accelerators(object);
    for (const auto& item : tables.items()) object[item.key()] = item.value();
    note("every row with cycles, rates and utilisation, and what the terms mean: --format json or csv");
  }
  print_result(object, given.format);
  return result.code;
}

}  // namespace

void add_compare(CLI::App& app, Cli& cli) {
  auto options = std::make_shared<ComparisonOptions>();
  CLI::App* command = add_command(
      app, cli, "compare",
      "Latency of devices beside the paper's published figures.\n"
      "Columns FP16, W8A8, W4A8, 4:8 = 1:3, 1:1, 3:1, W4A4, for prefill and decoding: ms per token, first token, tokens/s,\n"
      "speed-up over the same device's FP16, bytes, and how much of the roofline's limit is reached.\n"
      "Weights are random: the time does not depend on their values. Devices default to cpu and, where it is built, sim;\n"
      "the shape to tiny. Mixed prompts have exactly the named share of 8-bit tokens. A device that cannot run is left out\n"
      "with a message; the exit code is then 4 if it was asked for, and 5 if it failed in a run.",
      "squat compare --shape llama-58m --device cpu,estimate --config sim,kv260 --decode 4",
      [&cli, options] { return compare(cli.common, *options); });
  command->add_option("--model", options->bench.model, "take the shape from this directory's config.json")->type_name("DIR");
  add_bench_options(*command, options->bench);
  add_configs_option(*command, options->configs);
  add_transport_options(*command, cli.common);
}

}  // namespace squat::cli
