// SPDX-License-Identifier: Apache-2.0
// squat finetune: a floating-point model directory and labelled texts in, a model of the task out, integer or floating point.
#include <CLI/CLI.hpp>
#include <cmath>
#include <memory>
#include <optional>

#include "host/cli/command.hpp"
#include "host/cli/eval_task.hpp"
#include "host/cli/open_model.hpp"
#include "host/cli/real_number.hpp"
#include "host/cli/rounded_student.hpp"
#include "host/cli/task_flags.hpp"
#include "host/cli/train_flags.hpp"
#include "host/cli/width_flags.hpp"
#include "host/model/file_crc.hpp"
#include "host/model/model_directory.hpp"
#include "host/model/output_file.hpp"
#include "host/task/labels.hpp"
#include "host/task/task_file.hpp"
#include "qat/checkpoint/checkpoint.hpp"
#include "qat/data/example_batches.hpp"
#include "qat/model/factory.hpp"
#include "qat/quant/methods.hpp"
#include "qat/train/class_validation.hpp"

namespace squat::cli {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::size_t kCalibrationIds = std::size_t{1} << 22;

struct FinetuneFlags {
  TrainFlags train;
  TaskFlags task;
  WidthFlags widths;
  WidthOptions width_options;
  const CLI::App* command = nullptr;  ///< to ask which options were given
  std::string model, checkpoint, method = "squat";
  double epochs = 3, scale_rate = 10.0;
  bool real = false;
};

void settle(FinetuneFlags& o) {
  if (!o.real) refuse_unless_mixed(o.width_options, o.widths);
  for (const char* option : {"--weight-bits", "--activations", "--rho", "--rule", "--method", "--scale-rate"}) {
    if (o.real && o.command->get_option(option)->count() > 0) {
      throw usage_error(std::string(option) + " is about rounding, which --float leaves out; give one of them");
    }
  }
  if (o.command->get_option("--steps")->count() > 0 && o.command->get_option("--epochs")->count() > 0) {
    throw usage_error("--steps and --epochs both say how long to train; give one of them");
  }
  const qat::Method& method = qat::find_method(o.method);
  const bool taught = !o.train.teachers.empty();
  if (!taught && (o.train.gamma || o.train.tau)) {
    throw usage_error("--gamma and --tau weigh a teacher; give --teacher DIR with them");
  }
  if (!taught && method.gamma == 1.0) {
    throw usage_error("--method " + o.method +
                      " learns from a teacher alone; give --teacher DIR, a model fine-tuned with --float");
  }
  if (!o.train.gamma) o.train.gamma = !taught ? 0.0 : method.gamma == 0 ? 0.5 : method.gamma;
  if (!o.train.tau) o.train.tau = method.gamma == 0 ? 2.0 : method.tau;
  if (!method.trains) o.train.steps = 0;
}

std::vector<qat::TokenExample> token_examples(const TaskTexts& texts, const task::Task& task) {
  std::vector<qat::TokenExample> examples;
  for (std::size_t i = 0; i < texts.ids.size(); ++i) {
    const task::TaskClass& c = task.classes[static_cast<std::size_t>(texts.truths[i])];
    examples.push_back({{texts.ids[i].begin(), texts.ids[i].end()}, c.token});
  }
  return examples;
}

Json settings_of(const FinetuneFlags& o, const task::Task& task) {
  Json settings = {{"--model", fingerprint(o.model)},
                   {"--task", model::crc32_of_file(o.task.task)},
                   {"task", task::task_text(task)},
                   {"--max-examples", o.task.max_examples},
                   {"--float", o.real},
                   {"--teacher", Json::array()}};
  for (const std::string& teacher : o.train.teachers) settings["--teacher"].push_back(fingerprint(teacher));
  if (!o.checkpoint.empty()) {
    settings["--checkpoint"] = model::crc32_of_file(std::filesystem::path(o.checkpoint) / "state.safetensors");
  }
  if (o.real) return settings;
  settings.update({{"--method", o.method},
                   {"--weight-bits", o.widths.weight_bits},
                   {"--activations", o.widths.activations},
                   {"--rho", o.widths.rho},
                   {"--rule", o.widths.rule},
                   {"--scale-rate", o.scale_rate}});
  return settings;
}

/// The model under training: plain, or with rounding.
struct Student {
  std::unique_ptr<qat::LanguageModel> plain;
  std::optional<RoundedStudent> rounded;

  qat::LanguageModel& model() { return rounded ? rounded->model() : *plain; }
  void write(const FinetuneFlags& o, const std::string& task) {
    if (rounded) return model::write_model_directory(rounded->exported(), o.train.out, o.model, task);
    model::write_model_directory(qat::to_float_model(*plain), o.train.out, o.model, model::StoredAs::kFloat32, task);
  }
};

void make_student(const FinetuneFlags& o, const model::FloatModel& weights, const qat::ExampleBatches& batches,
                  std::uint32_t seed, Student& student) {
  if (o.real) {
    student.plain = qat::make_model(weights);
  } else {
    qat::QuantConfig quant;
    qat::apply_method(qat::find_method(o.method), quant);
    student.rounded.emplace(weights, o.model, quant, o.widths, batches.some_ids(kCalibrationIds), seed);
  }
  if (!o.checkpoint.empty()) qat::load_values(o.checkpoint, student.model().parameters());
}

/// --epochs as steps.
std::int64_t steps_of(const FinetuneFlags& o, std::size_t examples) {
  const double per_step = static_cast<double>(o.train.batch) * o.train.accumulate * o.train.ranks->size();
  return static_cast<std::int64_t>(std::ceil(o.epochs * static_cast<double>(examples) / per_step));
}

ExitCode finetune(const CommonOptions& common, FinetuneFlags o) {
  settle(o);
  const bool first = o.train.first_rank();
  if (first) {
    const model::StagedDirectory probe(o.train.out, o.real ? model::ModelKind::kFloat : model::ModelKind::kInteger);
  }  // nothing is computed for a target that cannot be written
  const model::LoadedModel loaded = model::load_model_directory(o.model);
  if (loaded.real() == nullptr) {
    throw usage_error(o.model +
                      " is quantised already; give the floating-point directory it came from, and with --checkpoint " +
                      "the weights and scales of its run");
  }
  const model::Tokenizer tokenizer(o.model, loaded.config());
  const TaskToLearn learn = open_task(o.task, tokenizer, loaded.config().max_positions);
  const task::Task& task = learn.task;
  const TaskTexts texts = encode_examples(learn.examples, task, tokenizer);
  TaskTexts valid;
  task::ExampleFile valid_file;
  if (!o.task.valid.empty()) {
    valid_file = task::open_examples(o.task.valid, task, o.task.skip_bad, o.task.max_examples);
    valid = encode_examples(valid_file, task, tokenizer);
  }
  if (first) note_skipped(learn.examples);
  if (first) note_skipped(valid_file);
  if (o.train.steps < 0) o.train.steps = steps_of(o, texts.ids.size());
  o.train.length = task.longest;
  const qat::ExampleBatches batches(token_examples(texts, task), o.train.batch, std::min(128, loaded.config().max_positions),
                                    common.seed);
  qat::Teachers teachers = open_teachers(o.train, loaded.config().vocab_size, common.threads);
  Student student;
  make_student(o, *loaded.real(), batches, common.seed, student);

  Run run{student.model(), batches, teachers, {}, optimiser_of(o.train), settings_of(o, task), {}, {}, false, {}};
  run.losses.gamma = *o.train.gamma;
  run.losses.tau = *o.train.tau;
  run.losses.kl_reduction = qat::KlReduction::kTargetMean;
  run.optimiser.scale_rate = o.scale_rate;
  run.optimiser.relative_scales = true;
  if (student.rounded) run.thresholds = student.rounded->thresholds();
  if (!o.checkpoint.empty()) run.after_start = [&] { qat::load_values(o.checkpoint, student.model().parameters()); };
  const std::vector<qat::TokenExample> held_out = token_examples(valid, task);
  std::vector<int> class_tokens;
  for (const task::TaskClass& c : task.classes) class_tokens.push_back(c.token);
  if (!held_out.empty()) {
    run.with_accuracy = true;
    run.validate = [&] { return qat::class_validation(student.model(), held_out, class_tokens); };
  }
  const TrainOutcome outcome = run_steps(std::move(run), o.train, common);

  const bool done = !outcome.result.interrupted && first;
  if (done) student.write(o, task::task_text(task));
  Json report = train_report("squat.finetune/1", outcome, o.train);
  if (outcome.result.last.step == 0) report["eight_bit_share"] = nullptr;  // of training batches
  report.update({{"source", o.model},
                 {"task", o.task.task},
                 {"name", task.name},
                 {"examples", texts.ids.size()},
                 {"skipped", learn.examples.skipped},
                 {"cut", texts.cut},
                 {"longest", task.longest},
                 {"weight_bits", o.real ? 32 : o.widths.weight_bits},
                 {"activations", o.real ? "float" : o.widths.activations},
                 {"method", o.real ? Json() : Json(o.method)}});
  if (done && !held_out.empty()) {
    Json scores = task_scores(model::load_model_directory(o.train.out), task, valid, common);
    report["classes"] = scores["classes"];
    scores.erase("classes");
    report["valid"] = scores;
  }
  if (first) print_result(report, common.format);
  return outcome.signal == 0 ? ExitCode::kOk : static_cast<ExitCode>(128 + outcome.signal);
}

}  // namespace

void add_finetune(CLI::App& app, Cli& cli) {
  auto options = std::make_shared<FinetuneFlags>();
  TrainFlags& train = options->train;
  train.steps = -1;
  train.batch = 32;
  train.rate = 3e-4;
  train.weight_decay = 0.01;
  CLI::App* command =
      add_command(app, cli, "finetune",
                  "Teach a model to classify texts, with rounding in the loop; the same command resumes.\n"
                  "The token behind a text names its class, so the result is a model like any other, for every device;\n"
                  "squat eval --model OUT --task FILE scores it.",
                  "squat finetune --model models/tales/fp32 --task-name rte --task RTE/train.tsv --valid RTE/dev.tsv \\\n"
                  "    --out rte-w4a4 --activations 4 --epochs 5 --threads 2",
                  [&cli, options] { return with_ranks(options->train, [&] { return finetune(cli.common, *options); }); });
  options->command = command;
  add_model_option(*command, options->model, "floating-point directory to start from");
  command
      ->add_option("--checkpoint", options->checkpoint,
                   "start from the weights, and when rounding the scales, of this checkpoint of squat qat or squat train\n"
                   "(a directory RUN/checkpoints/step-N); its shape is that of --model")
      ->type_name("DIR");
  add_task_options(*command, options->task);
  command->add_flag("--float", options->real, "do not round: the baseline, a floating-point directory");
  options->width_options = add_width_options(*command, options->widths);
  command
      ->add_option(
          "--method", options->method,
          "how rounding is learned: squat, lsq, llm-qat (needs --teacher), pact, nipq; ptq: no training (default squat)")
      ->type_name("NAME")
      ->check(CLI::IsMember(qat::method_names()).description(""));
  command
      ->add_option("--teacher", train.teachers,
                   "floating-point directory fine-tuned for the task, to learn from too; may be repeated (default: none)")
      ->type_name("DIR");
  command->add_option("--epochs", options->epochs, "times that every example is seen (default 3)")
      ->type_name("R")
      ->check(positive_real());
  add_run_options(*command, train);
  command->add_option("--scale-rate", options->scale_rate, "learning rate of the scales relative to --lr (default 10)")
      ->type_name("R")
      ->check(non_negative_real());
}

}  // namespace squat::cli
