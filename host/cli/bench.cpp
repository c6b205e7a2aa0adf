// SPDX-License-Identifier: Apache-2.0
// squat bench: milliseconds per token of one model on some devices.
#include <CLI/CLI.hpp>
#include <algorithm>
#include <memory>

#include "host/cli/bench_options.hpp"
#include "host/cli/float_bench.hpp"
#include "host/cli/open_model.hpp"
#include "host/cli/profile.hpp"
#include "host/cli/progress.hpp"
#include "host/cli/width_flags.hpp"
#include "host/model/model_directory.hpp"
#include "host/quantize/random_model.hpp"

namespace squat::cli {
namespace {

/// The device of FP16 weights, which no integer model runs on.
constexpr const char* kFloatBaseline = "cpu-fp16";

struct BenchFlags {
  BenchOptions bench;
  WidthFlags widths;
  std::string pattern = "exact";
  WidthOptions given;
  const CLI::Option* pattern_given = nullptr;
  bool profile = false;
};

/// Flags that would decide nothing are refused; --rule alone asks for what the rule decides.
void settle_widths(BenchFlags& options) {
  refuse_unless_mixed(options.given, options.widths);
  refuse_unless_mixed(options.pattern_given, options.widths);
  if (options.given.rule->count() == 0) return;
  if (options.pattern_given->count() > 0 && options.pattern == "exact") {
    throw usage_error("--widths exact is a pattern that no --rule decides; give --widths rule, or leave --rule out");
  }
  options.pattern = "rule";
}

/// Widths from the flags. An exact pattern is the random rule: it ranks ceil(rho * tokens) of the prompt.
model::WidthPolicy widths_of(const BenchFlags& options, std::uint32_t seed) {
  WidthFlags flags = options.widths;
  if (options.pattern == "exact") flags.rule = "random";
  return policy_of(flags, seed);
}

model::IntegerModel open_model(const BenchFlags& options, std::uint32_t seed) {
  const model::WidthPolicy widths = widths_of(options, seed);
  if (options.bench.model.empty()) {
    return quantize::random_model(quantize::shape_config(options.bench.shape), options.widths.weight_bits, widths, seed);
  }
  model::IntegerModel m = model::load_integer_model(options.bench.model);
  if (options.given.weight_bits->count() > 0 && m.weight_bits != options.widths.weight_bits) {
    throw usage_error("--weight-bits " + std::to_string(options.widths.weight_bits) + ": " + options.bench.model + " has " +
                      std::to_string(m.weight_bits) + "-bit weights; quantise it anew or use --shape");
  }
  if (options.given.activations->count() == 0) return m;
  const std::vector<std::uint32_t> thresholds = m.widths.thresholds;
  m.widths = widths;
  if (widths.activations == model::Activations::kMixed) {
    m.widths.thresholds = thresholds;
    m.widths.thresholds.resize(m.layers.size());  // a uniform model has none: the share controller decides alone
  }
  return m;
}

[[noreturn]] void refuse_profile(const std::string& device) {
  throw usage_error("--profile: device " + device +
                    " has no counters of its commands; use --device sim, fpga or estimate, or leave it out");
}

ExitCode bench(const CommonOptions& given, BenchFlags options) {
  settle_widths(options);
  const std::vector<std::string> names =
      options.bench.devices.empty() ? std::vector<std::string>{"cpu"} : options.bench.devices;
  for (const std::string& name : names) {
    if (options.profile && name != "sim" && name != "fpga" && name != "estimate") refuse_profile(name);
  }
  const CommonOptions common = options_for(given, names);
  if (options.bench.model.empty() == options.bench.shape.empty()) throw usage_error("give either --model DIR or --shape NAME");
  const model::IntegerModel m = open_model(options, common.seed);
  check_bench_options(options.bench, m.config);
  MeasureOptions how = options.bench.measure;
  how.seed = common.seed;
  how.threads = common.threads;
  nlohmann::ordered_json results = nlohmann::ordered_json::array();
  nlohmann::ordered_json accelerator;
  // All are opened before the first one runs: nothing is measured for a list that cannot be finished.
  std::vector<OpenDevice> devices;
  for (const std::string& name : names) {
    if (name == kFloatBaseline) continue;
    for (OpenDevice& opened : open_devices(name, m, common)) {
      check_bench_options(options.bench, *opened.device);
      if (options.profile && !opened.device->set_profile(true)) refuse_profile(name);
      devices.push_back(std::move(opened));
    }
  }
  const std::string& shape = options.bench.shape.empty() ? options.bench.model : options.bench.shape;
  if (std::find(names.begin(), names.end(), kFloatBaseline) != names.end()) {
    Progress progress(std::string(kFloatBaseline) + " token");
    for (const auto& row :
         measure_float(m.config, shape, how, common.threads, [&](int done, int total) { progress.update(done, total); })) {
      results.push_back(row);
    }
  }
  std::vector<ProfiledPhase> profile;
  for (const OpenDevice& opened : devices) {
    if (options.profile) how.each_pass = gather_profile(profile, opened);
    Progress progress(opened.device->name() + " token");
    for (auto row : measure(opened, shape, how, [&](int done, int total) { progress.update(done, total); })) {
      if (!common.numbers.empty() && !opened.transport.empty()) row["device_number"] = opened.number;
      results.push_back(std::move(row));
    }
    add_accelerator(accelerator, opened);
  }
  nlohmann::ordered_json object = bench_object("squat.bench/1", std::move(results), common, accelerator);
  if (options.profile) add_profile(object, m, profile, common.format == Format::kJson);
  if (options.profile && common.format == Format::kCsv) object = {{"commands", command_table(profile)}};  // csv shows one table
  print_result(options.profile ? object : with_environment_columns(std::move(object), common.format), common.format);
  return ExitCode::kOk;
}

}  // namespace

void add_bench(CLI::App& app, Cli& cli) {
  auto options = std::make_shared<BenchFlags>();
  CLI::App* command = add_command(
      app, cli, "bench",
      "Milliseconds per token of prefill and decoding.\n"
      "For the simulated accelerator cycles and utilisation too; estimate predicts them without simulating anything, "
      "with the memory that SQUAT_SIM_DDR gives both. arm-model predicts a range for three Arm cores; cpu-fp16 is "
      "the baseline, FP16 weights of the same shape on this machine. Devices default to cpu.",
      "squat bench --shape llama-58m --device cpu,sim --prefill 128 --decode 4 --weight-bits 4 --activations 8",
      [&cli, options] { return bench(cli.common, *options); });
  command->add_option("--model", options->bench.model, "integer model directory, from quantize")->type_name("DIR");
  add_bench_options(*command, options->bench, {kFloatBaseline});
  add_accelerator_options(*command, cli.common);
  command->add_flag(
      "--profile", options->profile,
      "sim, fpga and estimate only: cycles, stalls and MAC use by role and by layer; with json and csv every command's");
  options->given = add_width_options(*command, options->widths);
  options->pattern_given =
      command
          ->add_option("--widths", options->pattern,
                       "mixed only: exact (a seeded pattern of exactly rho in the prompt) or rule (what --rule decides)\n"
                       "(default exact; rule when --rule is given)")
          ->type_name("NAME")
          ->check(CLI::IsMember({"exact", "rule"}).description(""));
}

}  // namespace squat::cli
