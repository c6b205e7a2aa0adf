// SPDX-License-Identifier: Apache-2.0
#include "host/cli/train_flags.hpp"

#include <CLI/CLI.hpp>
#include <csignal>
#include <iostream>

#include "host/backends/xrt/open_transport.hpp"
#include "host/cli/progress.hpp"
#include "host/cli/real_number.hpp"
#include "host/model/error.hpp"
#include "host/model/file_crc.hpp"
#include "host/model/float_model.hpp"
#include "host/model/input_file.hpp"
#include "qat/data/encode_text.hpp"
#include "qat/data/text_lines.hpp"
#include "qat/model/factory.hpp"
#include "qat/tensor/parallel.hpp"
#include "qat/train/stop_signals.hpp"
#include "qat/train/validate.hpp"

namespace squat::cli {
namespace {

namespace fs = std::filesystem;
using Json = nlohmann::ordered_json;

/// Everything among the flags that decides which bits a run ends with.
Json settings_of(const TrainFlags& f, const qat::LossOptions& losses) {
  return {{"--steps", f.steps},   {"--batch", f.batch},
          {"--length", f.length}, {"--accumulate", f.accumulate},
          {"--lr", f.rate},       {"--lr-floor", f.floor},
          {"--warmup", f.warmup}, {"--weight-decay", f.weight_decay},
          {"--clip", f.clip},     {"--beta1", f.beta1},
          {"--beta2", f.beta2},   {"--gamma", losses.gamma},
          {"--tau", losses.tau},  {"--teacher-weight", f.teacher_weights}};
}

/// Adds options, each with its default behind its text.
class Adder {
 public:
  explicit Adder(CLI::App& command) : command_(command) {}
  CLI::Option* add(const char* name, double& value, const std::string& text, const char* type) {
    return command_.add_option(name, value, text + shown(value))->type_name(type);
  }
  template <typename Whole>
  CLI::Option* count(const char* name, Whole& value, const std::string& text) {
    return command_.add_option(name, value, text + shown(static_cast<double>(value)))->type_name("N");
  }

 private:
  static std::string shown(double value) {
    std::ostringstream out;
    out << " (default " << value << ")";
    return out.str();
  }
  CLI::App& command_;
};

std::unique_ptr<qat::TokenFile> open_tokens(const std::string& text, const char* name, const TrainFlags& flags,
                                            const model::Tokenizer& tokenizer, const fs::path& vocabulary) {
  const fs::path target = flags.run_directory() / name;
  Progress progress("encoding MiB");
  const auto show = [&](std::uint64_t done, std::uint64_t total) {
    progress.update(static_cast<int>(done >> 20), static_cast<int>(total >> 20));
  };
  qat::encode_text_once(text, tokenizer, vocabulary, target, show);
  return std::make_unique<qat::TokenFile>(target);
}

}  // namespace

fs::path TrainFlags::run_directory() const {
  if (!run.empty()) return run;
  fs::path path = fs::path(out).lexically_normal();
  if (!path.has_filename()) path = path.parent_path();
  return path.string() + ".run";
}

ExitCode with_ranks(TrainFlags& flags, const std::function<ExitCode()>& command) {
  flags.ranks = qat::open_ranks(backends::default_root());
  if (flags.ranks->size() == 1) return command();
  const auto abort = [&](ExitCode code, const char* what) {
    std::cerr << "error: rank " << flags.ranks->rank() << ": " << what << '\n';
    flags.ranks->abort(static_cast<int>(code));
    return code;
  };
  try {
    const ExitCode code = command();
    flags.ranks.reset();
    return code;
  } catch (const Error& error) {
    return abort(error.code(), error.what());
  } catch (const std::exception& error) {
    return abort(ExitCode::kInternal, error.what());
  }
}

void first_rank_first(const TrainFlags& flags, const std::function<void()>& work) {
  if (!flags.first_rank()) flags.ranks->wait_for_all();
  work();
  if (flags.first_rank()) flags.ranks->wait_for_all();
}

void add_train_options(CLI::App& command, TrainFlags& f) {
  command
      .add_option("--data", f.data,
                  "UTF-8 text to learn from, any size; each non-empty line gets a leading begin-of-text token")
      ->type_name("FILE")
      ->required();
  command.add_option("--valid", f.valid, "text whose perplexity is measured along the way (default: none)")->type_name("FILE");
  Adder adder(command);
  adder.count("--length", f.length, "tokens per sequence")->check(CLI::Range(2, 65536).description(""));
  command.add_option("--max-windows", f.max_windows, "windows of 128 tokens per validation (default: all)")
      ->type_name("N")
      ->check(CLI::PositiveNumber.description(""));
  add_run_options(command, f);
}

void add_run_options(CLI::App& command, TrainFlags& f) {
  command.add_option("--out", f.out, "model directory to write at the end; appears complete or not at all")
      ->type_name("DIR")
      ->required();
  command.add_option("--run", f.run, "directory of checkpoints, log.csv, log.jsonl and encoded text (default OUT.run)")
      ->type_name("DIR");
  Adder a(command);
  const std::string steps = "optimiser steps; 0 leaves the start as it is";
  (f.steps < 0 ? command.add_option("--steps", f.steps, steps + " (default: by --epochs)")->type_name("N")
               : a.count("--steps", f.steps, steps))
      ->check(CLI::Range(0, 1 << 30).description(""));
  a.count("--batch", f.batch, "sequences per batch of a process")->check(CLI::Range(1, 65536).description(""));
  a.count("--accumulate", f.accumulate, "batches per step, their gradients averaged")
      ->check(CLI::Range(1, 65536).description(""));
  a.add("--lr", f.rate, "peak learning rate", "R")->check(positive_real());
  a.add("--lr-floor", f.floor, "share of the peak left at the end of the cosine, 0..1", "R")->check(real_from(0.0, 1.0));
  a.count("--warmup", f.warmup, "steps of linear warm-up")->check(CLI::NonNegativeNumber.description(""));
  a.add("--weight-decay", f.weight_decay, "AdamW's decay of matrices", "R")->check(non_negative_real());
  a.add("--clip", f.clip, "largest gradient norm, 0 = no limit", "R")->check(non_negative_real());
  a.add("--beta1", f.beta1, "AdamW's decay of the first moment", "R")->check(real_from(0.0, 0.9999));
  a.add("--beta2", f.beta2, "AdamW's decay of the second moment", "R")->check(real_from(0.0, 0.999999));
  const auto unset = [&](const char* name, auto& value, const char* text) {
    return command.add_option(name, value, text)->type_name("R");
  };
  unset("--gamma", f.gamma, "share of the teachers in the loss, 0..1 (default 0.5)")->check(real_from(0.0, 1.0));
  unset("--tau", f.tau, "temperature of teachers and student (default 2)")->check(positive_real());
  unset("--teacher-weight", f.teacher_weights, "weight of each --teacher, in order (default: equal)")->check(positive_real());
  a.count("--checkpoint-every", f.checkpoint_every, "steps between checkpoints")->check(CLI::PositiveNumber.description(""));
  a.count("--keep", f.keep, "checkpoints kept")->check(CLI::Range(1, 1000).description(""));
  a.count("--validate-every", f.validate_every, "steps between validations")->check(CLI::PositiveNumber.description(""));
}

qat::AdamWOptions optimiser_of(const TrainFlags& flags) {
  qat::AdamWOptions optimiser;
  optimiser.beta1 = flags.beta1;
  optimiser.beta2 = flags.beta2;
  optimiser.weight_decay = flags.weight_decay;
  return optimiser;
}

void check_texts(const TrainFlags& flags) {
  for (const std::string& text : {flags.data, flags.valid}) {
    if (!text.empty() && model::InputFile(text).size() == 0) throw input_error(text + ": expected text, found an empty file");
  }
}

TrainData open_data(const TrainFlags& flags, const model::Tokenizer& tokenizer, const fs::path& vocabulary) {
  TrainData data;
  first_rank_first(flags, [&] {
    std::error_code failed;
    fs::create_directories(flags.run_directory(), failed);
    if (failed) {
      throw input_error(flags.run_directory().string() + ": cannot create: " + failed.message() + "; choose another --run");
    }
    data.train = open_tokens(flags.data, "train.tokens", flags, tokenizer, vocabulary);
    if (!flags.valid.empty()) data.valid = open_tokens(flags.valid, "valid.tokens", flags, tokenizer, vocabulary);
  });
  return data;
}

qat::Teachers open_teachers(const TrainFlags& flags, int pieces, int threads) {
  qat::Teachers teachers;
  if (!flags.teacher_weights.empty() && flags.teacher_weights.size() != flags.teachers.size()) {
    throw usage_error("--teacher-weight: expected one for each of the " + std::to_string(flags.teachers.size()) +
                      " teachers, found " + std::to_string(flags.teacher_weights.size()));
  }
  for (std::size_t i = 0; i < flags.teachers.size(); ++i) {
    const model::FloatModel weights = model::read_float_model(flags.teachers[i]);
    if (weights.config.vocab_size != pieces) {
      throw usage_error(flags.teachers[i] + ": a teacher with " + std::to_string(weights.config.vocab_size) +
                        " pieces cannot teach a model with " + std::to_string(pieces) + "; both need the same vocabulary");
    }
    teachers.add(qat::make_model(weights), flags.teacher_weights.empty() ? 1.0 : flags.teacher_weights[i]);
  }
  teachers.set_threads(threads);
  return teachers;
}

TrainOutcome run_training(qat::LanguageModel& model, const TrainData& data, qat::Teachers& teachers, const TrainFlags& flags,
                          const CommonOptions& common, qat::LossOptions losses, const qat::AdamWOptions& optimiser,
                          Json settings, const Thresholds& thresholds) {
  if (flags.length > model.config().max_positions) {
    throw usage_error("--length " + std::to_string(flags.length) + " is beyond the model's " +
                      std::to_string(model.config().max_positions) + " positions");
  }
  data.train->expect_vocabulary(model.config().vocab_size);
  settings["--data"] = data.train->info().text_crc;
  settings["tokenizer"] = data.train->info().tokenizer_crc;
  const qat::WindowBatches batches(*data.train, flags.batch, flags.length, common.seed);
  Run run{model, batches, teachers, losses, optimiser, std::move(settings), thresholds, {}, false, {}};
  if (data.valid) {
    run.validate = [&] {
      return qat::Validation{qat::validation_perplexity(model, *data.valid, {128, flags.max_windows, 8}), 0};
    };
  }
  return run_steps(std::move(run), flags, common);
}

TrainOutcome run_steps(Run run, const TrainFlags& flags, const CommonOptions& common) {
  qat::Workers workers;
  workers.resize(common.threads);
  run.model.set_threads(common.threads);
  run.settings.update(settings_of(flags, run.losses));
  run.settings["--accumulate"] = flags.accumulate * flags.ranks->size();  // the same sums
  run.settings["--seed"] = common.seed;

  qat::TrainOptions options;
  options.steps = flags.steps;
  options.accumulate = flags.accumulate;
  options.ranks = flags.ranks.get();
  options.schedule = {flags.rate, flags.warmup, flags.steps, flags.floor};
  options.optimiser = run.optimiser;
  options.clip = flags.clip;
  options.losses = run.losses;
  options.directory = flags.run_directory();
  options.checkpoint_every = flags.checkpoint_every;
  options.keep = flags.keep;
  options.configuration = run.settings.dump();
  options.seed = common.seed;
  options.validate_every = flags.validate_every;
  options.validate = run.validate;
  options.with_accuracy = run.with_accuracy;
  options.after_start = run.after_start;
  options.measure_thresholds = run.thresholds.measure;
  options.use_thresholds = run.thresholds.use;
  options.for_each = [&](int tasks, const std::function<void(int)>& task) {
    workers.run(tasks, [&](int index, int) { task(index); });
  };
  const qat::StopSignals signals;
  options.stop = [&] { return signals.requested(); };
  TrainOutcome outcome;
  outcome.result = qat::train(run.model, run.batches, run.teachers, options);
  if (outcome.result.interrupted) {
    outcome.signal = signals.signal() != 0 ? signals.signal() : SIGINT;  // 0: another rank was told
    if (flags.first_rank())
      note("interrupted after step " + std::to_string(outcome.result.last.step) +
           " and saved; the same command continues from there");
  }
  return outcome;
}

Json train_report(const char* schema, const TrainOutcome& outcome, const TrainFlags& flags) {
  Json object = {{"schema", schema},
                 {"model", outcome.result.interrupted ? Json(nullptr) : Json(flags.out)},
                 {"run", flags.run_directory().string()},
                 {"interrupted", outcome.result.interrupted},
                 {"resumed_from", outcome.result.resumed}};
  object.update(qat::to_json(outcome.result.last));
  object["seconds"] = outcome.result.seconds;
  if (flags.ranks->size() > 1) {
    object["ranks"] = flags.ranks->size();
    object["exchange_seconds"] = outcome.result.exchange_seconds;
    object["waited_seconds"] = outcome.result.waited_seconds;
  }
  return object;
}

Json fingerprint(const fs::path& directory) {
  Json files = Json::object();
  for (const char* name : {"config.json", "model.safetensors", "model.safetensors.index.json"}) {
    std::error_code ignored;
    if (fs::exists(directory / name, ignored)) files[name] = model::crc32_of_file(directory / name);
  }
  return files;
}

}  // namespace squat::cli
