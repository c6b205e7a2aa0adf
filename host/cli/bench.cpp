// SPDX-License-Identifier: Apache-2.0
// squat bench: milliseconds per token of one model on some devices.
#include <memory>

#include "host/cli/bench_options.hpp"
#include "host/cli/open_model.hpp"
#include "host/cli/progress.hpp"
#include "host/cli/shapes.hpp"
#include "host/cli/width_flags.hpp"
#include "host/quantize/random_model.hpp"

namespace squat::cli {
namespace {

struct Options {
  BenchOptions bench;
  WidthFlags widths;
  std::string exact = "exact";
  CLI::Option *weight_bits = nullptr, *activations = nullptr;
};

/// Widths from the flags. An exact pattern is the random rule: it ranks ceil(rho * tokens) of the prompt.
model::WidthPolicy widths_of(const Options& options, std::uint32_t seed) {
  WidthFlags flags = options.widths;
  if (options.exact == "exact") flags.rule = "random";
  return policy_of(flags, seed);
}

model::IntegerModel open_model(const Options& options, std::uint32_t seed) {
  const model::WidthPolicy widths = widths_of(options, seed);
  if (options.bench.model.empty()) {
    return quantize::random_model(named_shape(options.bench.shape), options.widths.weight_bits, widths, seed);
  }
  model::IntegerModel m = open_integer_model(options.bench.model);
  if (options.weight_bits->count() > 0 && m.weight_bits != options.widths.weight_bits) {
    throw usage_error("--weight-bits " + std::to_string(options.widths.weight_bits) + ": " + options.bench.model + " has " +
                      std::to_string(m.weight_bits) + "-bit weights; quantise it anew or use --shape");
  }
  if (options.activations->count() == 0) return m;
  const std::vector<std::uint32_t> thresholds = m.widths.thresholds;
  m.widths = widths;
  if (widths.activations == model::Activations::kMixed) {
    m.widths.thresholds = thresholds;
    m.widths.thresholds.resize(m.layers.size());  // a uniform model has none: the share controller decides alone
  }
  return m;
}

ExitCode bench(const CommonOptions& common, const Options& options) {
  if (options.bench.model.empty() == options.bench.shape.empty()) throw usage_error("give either --model DIR or --shape NAME");
  const model::IntegerModel m = open_model(options, common.seed);
  check_bench_options(options.bench, m.config);
  MeasureOptions how = options.bench.measure;
  how.seed = common.seed;
  nlohmann::ordered_json results = nlohmann::ordered_json::array();
  std::string transport, ddr;
  for (const std::string& name : options.bench.devices.empty() ? std::vector<std::string>{"cpu"} : options.bench.devices) {
    const OpenDevice opened = open_device(name, m, common);
    Progress progress(name + " token");
    for (const auto& row : measure(opened, options.bench.shape.empty() ? options.bench.model : options.bench.shape, how,
                                   [&](int done, int total) { progress.update(done, total); })) {
      results.push_back(row);
    }
    if (!opened.transport.empty()) transport = opened.transport;
    if (!opened.ddr.empty()) ddr = opened.ddr;
  }
  print_result(bench_object("squat.bench/1", std::move(results), common, transport, ddr), common.format);
  return ExitCode::kOk;
}

}  // namespace

void add_bench(CLI::App& app, Cli& cli) {
  auto options = std::make_shared<Options>();
  CLI::App* command =
      add_command(app, cli, "bench",
                  "Milliseconds per token of prefill and decoding; for the simulated accelerator cycles and utilisation.\n"
                  "Devices default to cpu.",
                  "squat bench --shape llama-58m --device cpu,sim --prefill 128 --decode 4 --weight-bits 4 --activations 8",
                  [&cli, options] { return bench(cli.common, *options); });
  command->add_option("--model", options->bench.model, "integer model directory, from quantize")->type_name("DIR");
  add_bench_options(*command, options->bench);
  add_xclbin_option(*command, cli.common);
  add_width_options(*command, options->widths);
  command
      ->add_option(
          "--widths", options->exact,
          "mixed only: exact (a seeded pattern of exactly rho in the prompt) or rule (what --rule decides) (default exact)")
      ->type_name("NAME")
      ->check(CLI::IsMember({"exact", "rule"}).description(""));
  options->weight_bits = command->get_option("--weight-bits");
  options->activations = command->get_option("--activations");
}

}  // namespace squat::cli
