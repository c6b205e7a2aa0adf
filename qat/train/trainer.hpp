// SPDX-License-Identifier: Apache-2.0
// The training loop: batches in, a trained model and its logs out, resumable at any moment.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include "qat/data/batch_source.hpp"
#include "qat/model/language_model.hpp"
#include "qat/optim/adamw.hpp"
#include "qat/optim/blocks.hpp"
#include "qat/optim/schedule.hpp"
#include "qat/ranks/ranks.hpp"
#include "qat/train/step_report.hpp"
#include "qat/train/teachers.hpp"

namespace squat::qat {

/// How the model under training does on text or examples it does not learn from.
struct Validation {
  double perplexity = 0;
  double accuracy = 0;  ///< of a task's classes; counts with TrainOptions::with_accuracy
};

struct TrainOptions {
  std::int64_t steps = 1000;
  int accumulate = 1;  ///< batches per step; their gradients are averaged
  Schedule schedule;   ///< total is set to `steps`
  AdamWOptions optimiser;
  double clip = 1.0;                ///< largest gradient norm; 0 = no limit
  LossOptions losses;               ///< gradient_scale is set here
  std::filesystem::path directory;  ///< gets checkpoints/, log.csv, log.jsonl
  std::int64_t checkpoint_every = 100;
  int keep = 3;               ///< checkpoints
  std::string configuration;  ///< JSON object of all settings that decide the result; a run resumes only under the same
  std::uint64_t seed = 0;     ///< of the data order, for the record

  /// Asked every `validate_every` steps and at the end; empty: never.
  std::function<Validation()> validate;
  bool with_accuracy = false;  ///< the run is for a task: reports and logs have an accuracy
  std::int64_t validate_every = 100;
  /// Called when the scales have started, before a checkpoint is loaded: puts in place what the run begins with instead.
  std::function<void()> after_start;
  /// Score thresholds of the budget rule for the model as it is: asked every `thresholds_every` steps and before the last
  /// validation, given to use_thresholds, kept in checkpoints. Empty: the model has none.
  std::function<std::vector<std::uint32_t>()> measure_thresholds;
  std::function<void(const std::vector<std::uint32_t>&)> use_thresholds;
  std::int64_t thresholds_every = 25;
  /// Processes that share the work: each has its own `accumulate` batches per step; only rank 0 writes files and validates.
  /// N ranks with one batch each end with the bits of one process with accumulate N. Null: one process.
  Ranks* ranks = nullptr;
  ForEachBlock for_each = serially;              ///< threads of the optimiser
  std::function<bool()> stop;                    ///< asked after every step; true: save and return
  std::function<void(const std::string&)> warn;  ///< messages such as a damaged checkpoint; empty: standard error
};

struct TrainResult {
  StepReport last;           ///< step 0 when there was nothing to do
  std::int64_t resumed = 0;  ///< the step this process continued from; 0 = started anew
  bool interrupted = false;  ///< `stop` ended the run before `steps`
  double seconds = 0;
  double exchange_seconds = 0;  ///< that summing gradients over ranks took
  double waited_seconds = 0;    ///< of these, not hidden behind computing
};

/// Trains `model` in place. Quantised models get their scales from the first batch. Throws Error:
/// kCheckFailed when a loss or gradient is no finite number (naming the last good checkpoint), kBadInput when files cannot be
/// written or read, kUsage for a directory in use.
TrainResult train(LanguageModel& model, const BatchSource& data, Teachers& teachers, const TrainOptions& options);

}  // namespace squat::qat
