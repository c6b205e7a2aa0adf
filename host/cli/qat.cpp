// SPDX-License-Identifier: Apache-2.0
// squat qat: quantisation-aware training of a floating-point model directory; an integer model directory out.
#include <CLI/CLI.hpp>
#include <cmath>
#include <map>
#include <memory>

#include "host/cli/command.hpp"
#include "host/cli/open_model.hpp"
#include "host/cli/real_number.hpp"
#include "host/cli/rounded_student.hpp"
#include "host/cli/train_flags.hpp"
#include "host/cli/width_flags.hpp"
#include "host/model/model_directory.hpp"
#include "host/model/output_file.hpp"
#include "host/model/width_names.hpp"
#include "qat/loss/loss_presets.hpp"
#include "qat/quant/methods.hpp"
#include "qat/train/integer_export.hpp"

namespace squat::cli {
namespace {

using Json = nlohmann::ordered_json;

struct QatFlags {
  TrainFlags train;
  WidthFlags widths;
  WidthOptions width_options;
  std::string model, method = "squat", preset = "corrected", start, scale_gradient = "lsq";
  double scale_rate = 10.0, entropy_weight = -1, distribution_weight = -1;
  int activation_bits = 8;
  bool no_teacher = false, frozen_scales = false, absolute_scales = false;

  /// The integer devices have 8 and 4 bit activations; other widths exist in the trainer alone.
  bool deployable() const { return activation_bits == 8; }
};

/// What the method leaves open stays as the flags say; what the flags say wins over the method.
void settle(QatFlags& o) {
  const qat::Method& method = qat::find_method(o.method);
  const bool plain = o.train.teachers.empty() && !o.train.gamma;
  if (o.no_teacher && !o.train.teachers.empty()) throw usage_error("--teacher and --no-teacher exclude each other");
  if (!o.train.gamma) o.train.gamma = o.no_teacher ? 0.0 : method.gamma == 0 && !plain ? 0.5 : method.gamma;
  if (!o.train.tau) o.train.tau = method.gamma == 0 && *o.train.gamma > 0 ? 2.0 : method.tau;
  if (*o.train.gamma > 0 && o.train.teachers.empty() && !o.no_teacher) o.train.teachers.push_back(o.model);
  if (!method.trains) o.train.steps = 0;
  if (o.activation_bits == 4) {
    o.activation_bits = 8;
    o.widths.activations = "4";
  }
  if (o.deployable()) return;
  if (o.widths.activations != "8") throw usage_error("--activation-bits goes with --activations 8, where all tokens are alike");
  if (o.train.valid.empty()) {
    throw usage_error(
        "--activation-bits " + std::to_string(o.activation_bits) +
        ": the integer devices have 8 and 4 bits only, so the perplexity of --valid is all there would be; give it");
  }
}

qat::QuantConfig quant_of(const QatFlags& o) {
  static const std::map<std::string, qat::ScaleStart> starts = {
      {"mse", qat::ScaleStart::kMse}, {"published", qat::ScaleStart::kPublished}, {"absmax", qat::ScaleStart::kAbsMax}};
  qat::QuantConfig quant;
  qat::apply_method(qat::find_method(o.method), quant);
  quant.activation_bits = o.activation_bits;
  if (!o.start.empty()) quant.start = starts.at(o.start);
  quant.scale_gradient = o.scale_gradient == "lsq" ? qat::ScaleGradient::kLsq : qat::ScaleGradient::kNone;
  quant.learned_scales = quant.learned_scales && !o.frozen_scales;
  return quant;
}

qat::LossOptions losses_of(const QatFlags& o) {
  qat::LossOptions losses = qat::loss_preset(o.preset);
  losses.gamma = *o.train.gamma;
  losses.tau = *o.train.tau;
  if (o.entropy_weight >= 0) losses.entropy_weight = o.entropy_weight;
  if (o.distribution_weight >= 0) losses.distribution_weight = o.distribution_weight;
  if (o.no_teacher && losses.distribution_weight > 0) {
    throw usage_error("the distribution loss compares with a teacher; leave out --no-teacher or give --distribution-weight 0");
  }
  return losses;
}

Json settings_of(const QatFlags& o, const qat::LossOptions& losses) {
  return {{"--model", fingerprint(o.model)},
          {"--method", o.method},
          {"--weight-bits", o.widths.weight_bits},
          {"--activations", o.widths.activations},
          {"--activation-bits", o.activation_bits},
          {"--rho", o.widths.rho},
          {"--rule", o.widths.rule},
          {"--preset", o.preset},
          {"--scale-start", o.start},
          {"--scale-gradient", o.scale_gradient},
          {"--scale-rate", o.scale_rate},
          {"--frozen-scales", o.frozen_scales},
          {"--absolute-scales", o.absolute_scales},
          {"--entropy-weight", losses.entropy_weight},
          {"--distribution-weight", losses.distribution_weight},
          {"--teacher", Json::array()}};
}

ExitCode run_qat(const CommonOptions& common, QatFlags options) {
  refuse_unless_mixed(options.width_options, options.widths);
  settle(options);
  if (options.train.first_rank()) {
    const model::StagedDirectory probe(options.train.out);
  }  // nothing is computed for a target that cannot be written
  check_texts(options.train);
  const model::LoadedModel loaded = model::load_model_directory(options.model);
  if (loaded.real() == nullptr) throw usage_error(options.model + " is quantised already; give the floating-point directory");
  const model::Tokenizer tokenizer(options.model, loaded.config());
  const qat::LossOptions losses = losses_of(options);
  Json settings = settings_of(options, losses);
  for (const std::string& teacher : options.train.teachers) settings["--teacher"].push_back(fingerprint(teacher));
  qat::Teachers teachers = open_teachers(options.train, loaded.config().vocab_size, common.threads);
  const TrainData data = open_data(options.train, tokenizer, model::Tokenizer::find(options.model));

  RoundedStudent student(*loaded.real(), options.model, quant_of(options), options.widths, qat::some_ids(*data.train),
                         common.seed);
  qat::AdamWOptions optimiser = optimiser_of(options.train);
  optimiser.scale_rate = options.scale_rate;
  optimiser.relative_scales = !options.absolute_scales;
  const TrainOutcome outcome =
      run_training(student.model(), data, teachers, options.train, common, losses, optimiser, settings, student.thresholds());

  if (!options.deployable() && options.train.first_rank()) {
    note("no model was written: the integer devices have 8 and 4 bit activations, not " +
         std::to_string(options.activation_bits) + "; the perplexity is the fake-quantised model's");
  } else if (options.deployable() && !outcome.result.interrupted && options.train.first_rank()) {
    model::write_model_directory(student.exported(), options.train.out, options.model);
  }
  Json report = train_report("squat.qat/1", outcome, options.train);
  if (!options.deployable()) report["model"] = nullptr;
  if (outcome.result.last.step == 0) report["eight_bit_share"] = nullptr;  // of training batches
  report.update({{"source", options.model},
                 {"method", options.method},
                 {"weight_bits", options.widths.weight_bits},
                 {"activations", options.widths.activations},
                 {"activation_bits", options.activation_bits},
                 {"rho", model::rho_of(student.widths())},
                 {"rule", model::rule_name(student.widths().rule)},
                 {"preset", options.preset}});
  if (options.train.first_rank()) print_result(report, common.format);
  return outcome.signal == 0 ? ExitCode::kOk : static_cast<ExitCode>(128 + outcome.signal);
}

}  // namespace

void add_qat(CLI::App& app, Cli& cli) {
  auto options = std::make_shared<QatFlags>();
  options->train.steps = 130;
  options->train.rate = 2e-3;
  CLI::App* command =
      add_command(app, cli, "qat", "Train with rounding in the loop and write an integer model; the same command resumes.",
                  "squat qat --model models/tales/fp32 --data models/tales/calibration.txt \\\n"
                  "    --valid models/tales/valid.txt --out tales-qat --activations mixed --rho 0.5",
                  [&cli, options] { return with_ranks(options->train, [&] { return run_qat(cli.common, *options); }); });
  add_model_option(*command, options->model, "floating-point directory to start from");
  add_train_options(*command, options->train);
  options->width_options = add_width_options(*command, options->widths);
  command
      ->add_option(
          "--teacher", options->train.teachers,
          "floating-point directory to learn from; may be repeated: their logits are averaged (default: --model itself)")
      ->type_name("DIR");
  command
      ->add_option("--method", options->method,
                   "squat; lsq, llm-qat, pact, nipq: other ways to train the same integer model; ptq: no training\n"
                   "(default squat). Sets --scale-start, --gamma, --tau, --steps unless given")
      ->type_name("NAME")
      ->check(CLI::IsMember(qat::method_names()).description(""));
  command
      ->add_option("--activation-bits", options->activation_bits,
                   "width of uniform activations, 2..8 (default 8). Integer devices have 8 and 4: other widths are\n"
                   "trained and evaluated fake-quantised only, and no model is written")
      ->type_name("BITS")
      ->check(CLI::Range(2, 8).description(""));
  command->add_flag("--no-teacher", options->no_teacher, "learn from the text alone");
  command
      ->add_option("--preset", options->preset, "how the losses are formed: corrected, paper or published (default corrected)")
      ->type_name("NAME")
      ->check(CLI::IsMember({"corrected", "paper", "published"}).description(""));
  command->add_option("--entropy-weight", options->entropy_weight, "weight of the entropy loss (default: the preset's)")
      ->type_name("R")
      ->check(non_negative_real());
  command
      ->add_option("--distribution-weight", options->distribution_weight,
                   "weight of the distribution loss (default: the preset's)")
      ->type_name("R")
      ->check(non_negative_real());
  command
      ->add_option("--scale-start", options->start,
                   "start of the scales: mse (least squared error), published or absmax (default: the method's)")
      ->type_name("NAME")
      ->check(CLI::IsMember({"mse", "published", "absmax"}).description(""));
  command
      ->add_option("--scale-gradient", options->scale_gradient, "scaling of the scales' gradients: lsq or none (default lsq)")
      ->type_name("NAME")
      ->check(CLI::IsMember({"lsq", "none"}).description(""));
  command->add_option("--scale-rate", options->scale_rate, "learning rate of the scales relative to --lr (default 10)")
      ->type_name("R")
      ->check(non_negative_real());
  command->add_flag("--absolute-scales", options->absolute_scales,
                    "scales move by amounts, not by shares of their value; goes with --scale-rate 1");
  command->add_flag("--frozen-scales", options->frozen_scales, "leave the scales at their start");
}

}  // namespace squat::cli
