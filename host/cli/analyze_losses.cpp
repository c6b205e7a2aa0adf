// SPDX-License-Identifier: Apache-2.0
// squat analyze losses (Fig. 7 of the paper): short training runs with and without the entropy and the distribution loss.
#include <CLI/CLI.hpp>
#include <algorithm>
#include <cmath>
#include <iterator>
#include <memory>
#include <random>

#include "host/cli/progress.hpp"
#include "host/cli/real_number.hpp"
#include "host/cli/study.hpp"
#include "qat/model/factory.hpp"
#include "qat/train/short_run.hpp"

namespace squat::cli {
namespace {

using Json = nlohmann::ordered_json;

struct LossFlags {
  StudyFlags study;
  int steps = 130, batch = 16, seeds = 1;
  double rate = 2e-3;
};

struct Losses {
  const char* name;
  double entropy, distribution;  ///< weights; those of the paper are 0.5 and 1
};
constexpr Losses kLosses[] = {{"cross entropy and distillation", 0, 0},
                              {"and entropy loss", 0.5, 0},
                              {"and distribution loss", 0, 1},
                              {"and both", 0.5, 1}};

/// Random windows of a text.
qat::Batch random_windows(const std::vector<int>& ids, int sequences, int length, std::mt19937_64& random) {
  qat::Batch batch;
  batch.sequences = sequences;
  batch.length = length;
  for (int s = 0; s < sequences; ++s) {
    const auto start =
        ids.begin() + static_cast<std::ptrdiff_t>(random() % (ids.size() - static_cast<std::size_t>(length) + 1));
    batch.tokens.insert(batch.tokens.end(), start, start + length);
  }
  return batch;
}

double perplexity_of(qat::LanguageModel& model, const analyze::StudyText& text) {
  double nll = 0;
  std::int64_t predictions = 0;
  for (int w = 0; w < text.windows(); ++w) {
    qat::Batch batch;
    batch.sequences = 1;
    batch.length = text.window;
    batch.tokens.assign(text.start(w), text.start(w) + text.window);
    const qat::BatchResult result = model.forward_backward(batch, {}, nullptr, false);
    nll += result.ce * static_cast<double>(result.targets);
    predictions += result.targets;
  }
  return std::exp(nll / static_cast<double>(predictions));
}

/// Perplexity after training with these losses.
double trained(const Study& study, const LossFlags& flags, const Losses& losses, std::uint32_t seed,
               const CommonOptions& common, qat::Teachers& teacher, const std::function<void(int done, int total)>& progress) {
  model::WidthPolicy widths;
  widths.activations = flags.study.activation_bits == 4 ? model::Activations::k4 : model::Activations::k8;
  const qat::QuantConfig quant = qat::deployment_quant(flags.study.weight_bits, widths);
  const auto student = qat::make_model(study.model, &quant);
  student->set_threads(common.threads);
  std::mt19937_64 random(seed);
  const auto batch = [&](std::int64_t) {
    return random_windows(study.calibration_ids, flags.batch, study.text.window, random);
  };
  student->start_scales(batch(0));
  qat::ShortRunOptions options;
  options.steps = flags.steps;
  options.schedule.peak = flags.rate;
  options.schedule.warmup = std::min(20, flags.steps / 4);
  options.optimiser.beta2 = 0.95;
  options.optimiser.scale_rate = 10;
  options.optimiser.relative_scales = true;
  options.losses.entropy_weight = losses.entropy;
  options.losses.distribution_weight = losses.distribution;
  options.progress = progress;
  qat::short_run(*student, batch, teacher, options);
  return perplexity_of(*student, study.text);
}

ExitCode losses(const CommonOptions& common, const LossFlags& flags) {
  const Study study = open_study(flags.study, common);
  if (flags.study.calibration.empty()) {
    throw usage_error("losses trains on --calib and measures on --text; give both, and not the same text");
  }
  if (study.calibration_ids.size() < static_cast<std::size_t>(flags.study.window)) {
    throw input_error(flags.study.calibration + ": expected at least one window of " + std::to_string(flags.study.window) +
                      " tokens, found " + std::to_string(study.calibration_ids.size()) + "; use a longer text");
  }
  qat::Teachers teacher;
  teacher.add(qat::make_model(study.model));
  teacher.set_threads(common.threads);
  Json object = study_object("losses", flags.study, study);
  object.update({{"activations", std::to_string(flags.study.activation_bits)},
                 {"steps", flags.steps},
                 {"batch", flags.batch},
                 {"rate", flags.rate}});
  object["rows"] = Json::array();
  Progress progress("step");
  int done = 0;
  const int total = static_cast<int>(std::size(kLosses)) * flags.seeds * flags.steps;
  for (const Losses& variant : kLosses) {
    for (int s = 0; s < flags.seeds; ++s) {
      const std::uint32_t seed = common.seed + static_cast<std::uint32_t>(s);
      const double perplexity =
          trained(study, flags, variant, seed, common, teacher, [&](int, int) { progress.update(++done, total); });
      object["rows"].push_back({{"losses", variant.name},
                                {"entropy_weight", variant.entropy},
                                {"distribution_weight", variant.distribution},
                                {"seed", seed},
                                {"perplexity", perplexity}});
    }
  }
  print_result(object, common.format);
  return ExitCode::kOk;
}

}  // namespace

void add_loss_study(CLI::App& analyze, Cli& cli) {
  auto flags = std::make_shared<LossFlags>();
  CLI::App* command =
      add_study(analyze, cli, "losses",
                "Perplexity after short training with the paper's entropy and distribution losses and without (Fig. 7).\n"
                "Trains fake-quantised models on --calib, from the floating-point one with it as teacher; nothing is kept.",
                " --steps 130 --threads 2", [&cli, flags] { return losses(cli.common, *flags); });
  add_study_options(*command, flags->study);
  add_uniform_option(*command, flags->study);
  const auto count = [&](const char* name, int& value, const std::string& text) {
    command->add_option(name, value, text + " (default " + std::to_string(value) + ")")
        ->type_name("N")
        ->check(CLI::Range(1, 1 << 20).description(""));
  };
  count("--steps", flags->steps, "optimiser steps of each run");
  count("--batch", flags->batch, "windows per step");
  count("--seeds", flags->seeds, "runs with each of the losses, from --seed on");
  command->add_option("--lr", flags->rate, "peak learning rate (default 0.002)")->type_name("R")->check(positive_real());
}

}  // namespace squat::cli
