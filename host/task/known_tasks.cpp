// SPDX-License-Identifier: Apache-2.0
#include "host/task/known_tasks.hpp"

#include "host/model/error.hpp"

namespace squat::task {
namespace {

using evaluate::Metric;

const std::vector<Task>& tasks() {
  static const std::vector<Task> all = {
      // CoLA's TSV has no header: source, label, the author's mark, sentence.
      {"cola", {{"{sentence}", "label"}, {"{4}", "2"}}, {{"unacceptable", "bad"}, {"acceptable", "good"}}, Metric::kMatthews},
      {"sst2", {{"{sentence}", "label"}}, {{"negative", "bad"}, {"positive", "good"}}, Metric::kAccuracy},
      {"mrpc",
       {{"{#1 String} {#2 String}", "Quality"}, {"{sentence1} {sentence2}", "label"}},
       {{"not_equivalent", "no"}, {"equivalent", "yes"}},
       Metric::kF1},
      {"qqp",
       {{"{question1} {question2}", "is_duplicate"}, {"{question1} {question2}", "label"}},
       {{"not_duplicate", "no"}, {"duplicate", "yes"}},
       Metric::kF1},
      {"mnli",
       {{"{sentence1} {sentence2}", "gold_label"}, {"{premise} {hypothesis}", "label"}},
       {{"entailment", "yes"}, {"neutral", "maybe"}, {"contradiction", "no"}},
       Metric::kAccuracy},
      {"qnli", {{"{question} {sentence}", "label"}}, {{"entailment", "yes"}, {"not_entailment", "no"}}, Metric::kAccuracy},
      {"rte",
       {{"{sentence1} {sentence2}", "label"}, {"{premise} {hypothesis}", "label"}},
       {{"entailment", "yes"}, {"not_entailment", "no"}},
       Metric::kAccuracy},
      {"boolq", {{"{passage} {question}", "label"}}, {{"false", "no"}, {"true", "yes"}}, Metric::kAccuracy},
      // F1 over all answers; a line of the publisher's file holds many.
      {"multirc",
       {{"{paragraph} {question} {answer}", "label"},
        {"{passage.text} {passage.questions.question} {passage.questions.answers.text}", "passage.questions.answers.label"}},
       {{"false", "no"}, {"true", "yes"}},
       Metric::kF1},
      {"wsc",
       {{"{text} {span2_text} {span1_text}", "label"}, {"{text} {target.span2_text} {target.span1_text}", "label"}},
       {{"false", "no"}, {"true", "yes"}},
       Metric::kAccuracy},
  };
  return all;
}

}  // namespace

const Task& known_task(const std::string& name) {
  std::string names;
  for (const Task& task : tasks()) {
    if (task.name == name) return task;
    names += (names.empty() ? "" : ", ") + task.name;
  }
  throw usage_error("task '" + name + "': expected one of " + names + "; describe another one by --layout and --label");
}

std::vector<std::string> known_task_names() {
  std::vector<std::string> names;
  for (const Task& task : tasks()) names.push_back(task.name);
  return names;
}

}  // namespace squat::task
