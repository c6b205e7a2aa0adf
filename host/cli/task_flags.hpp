// SPDX-License-Identifier: Apache-2.0
// Which task squat finetune learns: a known one, or one that the flags describe.
#pragma once

#include <string>
#include <vector>

#include "host/cli/cli11_fwd.hpp"
#include "host/model/tokenizer.hpp"
#include "host/task/example_file.hpp"
#include "host/task/task.hpp"

namespace squat::cli {

struct TaskFlags {
  const CLI::App* command = nullptr;  ///< to ask which options were given
  std::string task, valid, name, layout, label, metric;
  std::vector<std::string> classes, words;
  int length = 128, max_examples = -1;
  bool skip_bad = false;
};

/// --task, --valid, --task-name, --layout, --label, --classes, --words, --metric, --length, --max-examples, --skip-bad-lines.
void add_task_options(CLI::App& command, TaskFlags& flags);

/// A task and the examples to learn it from, their classes assigned.
struct TaskToLearn {
  task::Task task;
  task::ExampleFile examples;
};

/// Reads --task under the flags and gives every class its token. `positions`: the model's. Throws usage_error and input_error.
TaskToLearn open_task(const TaskFlags& flags, const model::Tokenizer& tokenizer, int positions);

}  // namespace squat::cli
