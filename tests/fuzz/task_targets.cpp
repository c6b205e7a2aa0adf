// SPDX-License-Identifier: Apache-2.0
// Readers of fine-tuning: labelled texts, task.json.
#include <fstream>
#include <optional>
#include <stdexcept>

#include "host/model/error.hpp"
#include "host/task/known_tasks.hpp"
#include "host/task/labels.hpp"
#include "host/task/task_file.hpp"
#include "tests/fuzz/targets.hpp"
#include "tests/support/scratch_directory.hpp"

namespace squat::fuzz {

void task_examples(const std::string& bytes) {
  std::optional<Error> refused;
  bool taken = false;
  for (const std::string& name : task::known_task_names()) {
    const task::Task& task = task::known_task(name);
    try {
      task::ExampleFile file = task::parse_examples(bytes, "examples", task.forms);
      task::assign_classes(file, task.forms[file.form].label, task.classes);
      for (const task::Example& e : file.examples) {
        bool whole = e.target >= 0 && e.target < static_cast<int>(task.classes.size()) && !e.texts.empty();
        for (const std::string& text : e.texts) whole = whole && !text.empty();
        if (!whole) throw std::logic_error("half an example was taken");
      }
      taken = true;
    } catch (const Error& error) {
      if (error.code() != ExitCode::kBadInput) throw;
      refused = error;
    }
  }
  if (!taken) throw Error(*refused);
}

void task_json(const std::string& bytes) {
  const test::ScratchDirectory directory;
  std::ofstream(directory.path() / task::kTaskFile, std::ios::binary) << bytes;
  const task::Task task = task::read_task(directory.path(), 64);
  for (const task::TaskClass& c : task.classes) {
    if (c.token < 0 || c.token >= 64) throw std::logic_error("a token outside the vocabulary was taken");
  }
}

}  // namespace squat::fuzz
