// SPDX-License-Identifier: Apache-2.0
// A text classification task as next-token prediction: a text is laid out, and the token after it names its class.
#pragma once

#include <string>
#include <vector>

#include "host/evaluate/class_scores.hpp"

namespace squat::task {

/// One way in which files of the task are written.
struct TaskForm {
  std::string layout;  ///< the text with its fields in braces: "{premise} {hypothesis}"
  std::string label;   ///< field of the class
};

struct TaskClass {
  std::string name;  ///< as files write it
  std::string word;  ///< the piece of the vocabulary that stands for it
  int token = -1;    ///< its id
};

struct Task {
  std::string name;                ///< of a known task; empty for others
  std::vector<TaskForm> forms;     ///< the first one whose fields a file has counts; all have as many fields
  std::vector<TaskClass> classes;  ///< at least two; with two the second one is the positive class
  evaluate::Metric metric = evaluate::Metric::kAccuracy;
  int longest = 128;  ///< tokens of a text, begin-of-text included; longer ones are cut
};

constexpr int kMaxClasses = 64;

}  // namespace squat::task
