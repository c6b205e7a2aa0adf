// SPDX-License-Identifier: Apache-2.0
// What squat train, squat qat and squat finetune have in common: flags of the run, its data, its teachers, its report.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "host/cli/cli11_fwd.hpp"
#include "host/cli/command.hpp"
#include "host/model/tokenizer.hpp"
#include "qat/data/sampler.hpp"
#include "qat/ranks/ranks.hpp"
#include "qat/train/trainer.hpp"

namespace squat::cli {

struct TrainFlags {
  std::string data, valid, out, run;
  std::int64_t steps = 900, warmup = 20, checkpoint_every = 100, validate_every = 100;
  int batch = 16, length = 128, accumulate = 1, keep = 3, max_windows = -1;
  double rate = 3e-3, floor = 0.0, weight_decay = 0.1, clip = 1.0, beta1 = 0.9, beta2 = 0.95;
  std::vector<std::string> teachers;
  std::vector<double> teacher_weights;
  std::optional<double> gamma, tau;  ///< unset: 0.5 and 2, or what the method of squat qat says

  /// The processes of this run; set by with_ranks.
  std::shared_ptr<qat::Ranks> ranks = std::make_shared<qat::Ranks>();
  /// Only this one writes and reports.
  bool first_rank() const { return ranks->rank() == 0; }

  /// Where checkpoints, logs and token files go: --run, or OUT.run.
  std::filesystem::path run_directory() const;
};

/// Runs a command in every process that mpirun started; an error in one ends all.
ExitCode with_ranks(TrainFlags& flags, const std::function<ExitCode()>& command);

/// Calls `work` in rank 0, and when that is done in the others: they find the files it made.
void first_rank_first(const TrainFlags& flags, const std::function<void()>& work);

/// Adds the options of a run on text; the defaults shown are those in `flags`.
void add_train_options(CLI::App& command, TrainFlags& flags);
/// Those of any run: everything but --data, --valid, --length, --max-windows.
void add_run_options(CLI::App& command, TrainFlags& flags);

/// --beta1, --beta2 and --weight-decay.
qat::AdamWOptions optimiser_of(const TrainFlags& flags);

/// Throws input_error when --data or --valid cannot be read or is empty, before a run's directory is made.
void check_texts(const TrainFlags& flags);

/// Token files of a run, made in its directory from the texts unless they are there already.
struct TrainData {
  std::unique_ptr<qat::TokenFile> train, valid;  ///< valid is null without --valid
};
TrainData open_data(const TrainFlags& flags, const model::Tokenizer& tokenizer, const std::filesystem::path& vocabulary);

/// --teacher directories. Throws usage_error when a vocabulary differs from `pieces`.
qat::Teachers open_teachers(const TrainFlags& flags, int pieces, int threads);

/// Trains and says how it went. `settings`: everything that decides the result besides the common flags, named after the flags.
/// Ctrl-C saves a checkpoint first.
struct TrainOutcome {
  qat::TrainResult result;
  int signal = 0;  ///< the one that ended the run; 0 = all steps are done
};
/// The two functions of qat::TrainOptions, empty without the budget rule.
struct Thresholds {
  std::function<std::vector<std::uint32_t>()> measure;
  std::function<void(const std::vector<std::uint32_t>&)> use;
};
/// What a run works on; `settings` as in run_training, with all of the run's own flags.
struct Run {
  qat::LanguageModel& model;
  const qat::BatchSource& batches;
  qat::Teachers& teachers;
  qat::LossOptions losses;
  qat::AdamWOptions optimiser;
  nlohmann::ordered_json settings;
  Thresholds thresholds;
  std::function<qat::Validation()> validate;  ///< may be empty
  bool with_accuracy = false;                 ///< as in qat::TrainOptions
  std::function<void()> after_start;          ///< as in qat::TrainOptions; may be empty
};
TrainOutcome run_steps(Run run, const TrainFlags& flags, const CommonOptions& common);
/// The same on text.
TrainOutcome run_training(qat::LanguageModel& model, const TrainData& data, qat::Teachers& teachers, const TrainFlags& flags,
                          const CommonOptions& common, qat::LossOptions losses, const qat::AdamWOptions& optimiser,
                          nlohmann::ordered_json settings, const Thresholds& thresholds = {});

/// The fields all of them report.
nlohmann::ordered_json train_report(const char* schema, const TrainOutcome& outcome, const TrainFlags& flags);

/// CRC-32 of the files that make a model directory what it is, for `settings`.
nlohmann::ordered_json fingerprint(const std::filesystem::path& model_directory);

}  // namespace squat::cli
