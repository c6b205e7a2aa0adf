// SPDX-License-Identifier: Apache-2.0
#include "host/cli/bench_options.hpp"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <utility>

#include "host/arm_model/cost_table.hpp"
#include "host/backends/cpu/kernel_choice.hpp"
#include "host/cli/real_number.hpp"
#include "host/cli/version.hpp"
#include "host/engine/sequence.hpp"
#include "host/model/config_json.hpp"
#include "host/model/error.hpp"
#include "host/model/json_file.hpp"
#include "host/quantize/random_model.hpp"

namespace squat::cli {

namespace {

constexpr const char* kFlags = "--prefill plus --decode";

}  // namespace

void add_bench_options(CLI::App& command, BenchOptions& options, const std::vector<std::string>& extra) {
  command.add_option("--shape", options.shape, "seeded random weights of a named shape: tiny, llama-58m or gpt2-97m")
      ->type_name("NAME")
      ->check(CLI::IsMember(quantize::shape_names()).description(""));
  std::vector<std::string> devices = {"cpu", "ref", "sim", "fpga", "estimate", "arm-model"};
  devices.insert(devices.end(), extra.begin(), extra.end());
  std::string names;
  for (const std::string& name : devices) names += (names.empty() ? "" : ", ") + name;
  add_list_option(command, "--device", options.devices, "devices, separated by commas: " + names + " (default: see above)",
                  devices);
  command.add_option("--prefill", options.measure.prefill, "tokens of the prompt, run together (default 128)")
      ->type_name("N")
      ->check(CLI::Range(1, 1 << 20).description(""));
  command.add_option("--decode", options.measure.decode, "tokens run one by one after the prompt (default 16)")
      ->type_name("N")
      ->check(CLI::Range(0, 1 << 20).description(""));
  command.add_option("--seconds", options.measure.seconds, "least time spent on one measured result, in seconds (default 0.5)")
      ->type_name("S")
      ->check(real_from(0.0, 3600.0));
}

model::ModelConfig config_of(const BenchOptions& options) {
  if (!options.model.empty() && !options.shape.empty()) throw usage_error("give either --model DIR or --shape NAME");
  if (options.model.empty()) return quantize::shape_config(options.shape.empty() ? "tiny" : options.shape);
  const std::filesystem::path file = std::filesystem::path(options.model) / "config.json";
  return model::config_from_json(model::read_json_object(file), file.string());
}

void check_bench_options(const BenchOptions& options, const model::ModelConfig& config) {
  engine::check_positions(config, nullptr, static_cast<long long>(options.measure.prefill) + options.measure.decode, kFlags);
}

void check_bench_options(const BenchOptions& options, const engine::Device& device) {
  engine::check_sequence(device, options.measure.prefill, options.measure.decode, hls::kMaxChunk, kFlags);
}

nlohmann::ordered_json bench_object(const std::string& schema, nlohmann::ordered_json results, const CommonOptions& common,
                                    const nlohmann::ordered_json& accelerator) {
  nlohmann::ordered_json surroundings = environment(common.threads);
  surroundings["cpu_kernel"] = backends::cpu::choose_kernels(common.kernel).name;
  surroundings["seed"] = common.seed;
  for (const char* key : {"transport", "config", "accelerator", "ddr"}) {
    if (accelerator.contains(key)) surroundings[key] = accelerator[key];
  }
  const bool modelled =
      std::any_of(results.begin(), results.end(), [](const auto& row) { return row["source"] == "modelled"; });
  if (modelled) surroundings["arm_model"] = arm_model::cost_tools();
  return {{"schema", schema},
          {"definition",
           {{"pass",
             "one per 128 prompt tokens, one per decoded token; logits of the last row; no loading, tokenizing or sampling"},
            {"measured", "wall clock of whole phases after a warm-up run, median over runs"},
            {"rtl-simulated", "cycles from start to done of each kernel start, at an assumed clock, without host time"},
            {"estimated", "the same cycles predicted from the command list (docs/reference/cycles.md), nothing simulated"},
            {"modelled",
             "counted Arm instructions, cycles by llvm-mca and bandwidth constants; no Arm hardware; a range, of which "
             "ms_per_token is "
             "the slow end (docs/reference/arm_cost.md)"}}},
          {"results", std::move(results)},
          {"environment", surroundings}};
}

nlohmann::ordered_json with_environment_columns(nlohmann::ordered_json object, Format format) {
  if (format != Format::kCsv) return object;
  for (auto& row : object["results"]) {
    if (row["source"] == "published") continue;
    for (const auto& item : object["environment"].items()) row["environment." + item.key()] = item.value();
  }
  return object;
}

}  // namespace squat::cli
