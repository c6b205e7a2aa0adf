// SPDX-License-Identifier: Apache-2.0
// squat eval --task: accuracy, F1 and Matthews correlation of a fine-tuned model on labelled texts.
#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "host/cli/command.hpp"
#include "host/model/model_directory.hpp"
#include "host/model/tokenizer.hpp"
#include "host/task/example_file.hpp"
#include "host/task/task.hpp"

namespace squat::cli {

/// Labelled texts as a model sees them.
struct TaskTexts {
  std::vector<std::vector<int>> ids;
  std::vector<int> truths;  ///< indices of classes
  int cut = 0;              ///< texts that were shortened
};

/// Lays out and encodes the examples of a file whose classes are assigned. Throws input_error that names file and line.
TaskTexts encode_examples(const task::ExampleFile& file, const task::Task& task, const model::Tokenizer& tokenizer);

/// Says on standard error what was left out of the file, if anything was.
void note_skipped(const task::ExampleFile& file);

/// Predicts every text on --device and returns the scores: metric, score, accuracy, stderr, f1, f1_macro, matthews, examples,
/// the best constant answers, a hash of the predictions, how it ran, and a table of the classes.
nlohmann::ordered_json task_scores(const model::LoadedModel& loaded, const task::Task& task, const TaskTexts& texts,
                                   const CommonOptions& common);

struct TaskOptions {
  std::string model, task;
  int max_examples = -1;  ///< the first ones; -1 = all
  bool skip_bad = false;
};

/// `common`: for one device, see options_for.
ExitCode eval_task(const CommonOptions& common, const TaskOptions& options);

}  // namespace squat::cli
