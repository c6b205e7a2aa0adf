// SPDX-License-Identifier: Apache-2.0
#include "host/cli/task_flags.hpp"

#include <CLI/CLI.hpp>
#include <algorithm>

#include "host/model/error.hpp"
#include "host/task/class_tokens.hpp"
#include "host/task/known_tasks.hpp"
#include "host/task/labels.hpp"
#include "host/task/layout.hpp"

namespace squat::cli {
namespace {

bool given(const TaskFlags& flags, const char* option) { return flags.command->get_option(option)->count() > 0; }

/// What the flags say about the task before its file is read: forms, classes where they are known, metric.
task::Task described(const TaskFlags& flags) {
  if (flags.name.empty() && flags.layout.empty()) {
    throw usage_error("give --task-name NAME for a known task, or --layout TEXT with the fields of the file in braces");
  }
  if (flags.layout.empty() && given(flags, "--label")) {
    throw usage_error("--label goes with --layout; give both, or leave it out");
  }
  task::Task task = flags.name.empty() ? task::Task() : task::known_task(flags.name);
  if (!flags.layout.empty()) {
    const task::Layout checked(flags.layout);
    task.forms = {{flags.layout, flags.label}};
  }
  if (!flags.classes.empty()) task.classes.clear();
  for (const std::string& name : flags.classes) {
    if (task::class_of(task.classes, name) >= 0) throw usage_error("--classes: '" + name + "' stands there twice");
    task.classes.push_back({name, "", -1});
  }
  if (!flags.classes.empty() && (flags.classes.size() < 2 || flags.classes.size() > std::size_t{task::kMaxClasses})) {
    throw usage_error("--classes: expected 2 to " + std::to_string(task::kMaxClasses) + " classes, found " +
                      std::to_string(flags.classes.size()));
  }
  if (!flags.metric.empty()) task.metric = evaluate::parse_metric(flags.metric).value();
  return task;
}

}  // namespace

TaskToLearn open_task(const TaskFlags& flags, const model::Tokenizer& tokenizer, int positions) {
  if (given(flags, "--length") && flags.length > positions) {
    throw usage_error("--length " + std::to_string(flags.length) + " is beyond the model's " + std::to_string(positions) +
                      " positions");
  }
  TaskToLearn found{described(flags), {}};
  task::Task& task = found.task;
  task.longest = std::min(flags.length, positions);
  found.examples = task::read_examples(flags.task, task.forms, flags.skip_bad);
  task::keep_first(found.examples, flags.max_examples);
  const std::string& label = task.forms[found.examples.form].label;
  if (task.classes.empty()) {
    for (const std::string& name : task::labels_of(found.examples, label)) task.classes.push_back({name, "", -1});
  }
  task::assign_classes(found.examples, label, task.classes);
  if (task.metric == evaluate::Metric::kF1 && task.classes.size() != 2) {
    throw usage_error("--metric f1 is of two classes, the task has " + std::to_string(task.classes.size()) +
                      "; use accuracy or matthews");
  }
  flags.words.empty() ? task::choose_tokens(tokenizer, task.classes) : task::name_tokens(tokenizer, flags.words, task.classes);
  return found;
}

void add_task_options(CLI::App& command, TaskFlags& f) {
  f.command = &command;
  std::string names;
  for (const std::string& name : task::known_task_names()) names += (names.empty() ? "" : ", ") + name;
  command
      .add_option("--task", f.task,
                  "labelled texts to learn from: tab-separated values (GLUE) or JSON-lines (SuperGLUE); told apart by a "
                  "first\nbrace")
      ->type_name("FILE")
      ->required();
  command
      .add_option("--valid", f.valid,
                  "labelled texts that scores are measured on, along the way and of the written model (default: none)")
      ->type_name("FILE");
  command.add_option("--task-name", f.name, "known task whose fields, classes and metric are meant: " + names)
      ->type_name("NAME")
      ->check(CLI::IsMember(task::known_task_names()).description(""));
  command
      .add_option("--layout", f.layout,
                  "how the fields of an example, in braces, make a text: '{premise} {hypothesis}'. Fields are columns by the\n"
                  "file's first line, or by number from 1 where it has no such line; in JSON-lines a.b is b in the object a")
      ->type_name("TEXT");
  f.label = "label";
  command.add_option("--label", f.label, "field of the class, with --layout (default label)")->type_name("FIELD");
  command
      .add_option("--classes", f.classes,
                  "labels in order, separated by commas; of two the second is the positive class (default: the known task's,\n"
                  "else those in the file). A number from 0 in the file means a class by its place")
      ->type_name("NAMES")
      ->delimiter(',');
  command
      .add_option(
          "--words", f.words,
          "word of each class, separated by commas, each one piece of the vocabulary (default: the first free piece of\n"
          "the known task's word or of the class's name)")
      ->type_name("WORDS")
      ->delimiter(',');
  command
      .add_option("--metric", f.metric, "reported score: accuracy, f1 or matthews (default: the known task's, else accuracy)")
      ->type_name("NAME")
      ->check(CLI::IsMember({"accuracy", "f1", "matthews"}).description(""));
  command.add_option("--length", f.length, "longest text in tokens; of longer ones the longest fields are cut (default 128)")
      ->type_name("N")
      ->check(CLI::Range(4, 65536).description(""));
  command.add_option("--max-examples", f.max_examples, "first examples of each file (default: all)")
      ->type_name("N")
      ->check(CLI::Range(1, 1 << 30).description(""));
  command.add_flag("--skip-bad-lines", f.skip_bad, "leave out lines that are no example, and say how many");
}

}  // namespace squat::cli
