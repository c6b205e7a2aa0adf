// SPDX-License-Identifier: Apache-2.0
// Labelled texts from files nobody vouches for: tab-separated values as of GLUE, JSON-lines as of SuperGLUE.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "host/task/task.hpp"

namespace squat::task {

struct Example {
  std::vector<std::string> texts;  ///< of the layout's fields, in their order
  std::string label;               ///< as the file writes it; true and false of JSON as these words
  int line = 0;                    ///< in the file, from 1
  int target = -1;                 ///< index of the class; see assign_classes
};

struct ExampleFile {
  std::string file;  ///< as messages name it
  std::size_t form = 0;
  std::vector<Example> examples;
  bool skips = false;         ///< bad lines are left out instead of refused
  int skipped = 0;            ///< how many were
  std::string first_skipped;  ///< why the first one was
};

/// Reads every line under the first of `forms` whose fields are there. A file whose first character is a brace is JSON-lines:
/// a field a.b is b in the object a, and where a path meets a list the line gives one example for each element. Anything else
/// is tab-separated without quoting: the first line names the columns, except where the fields of a form are numbers: then
/// they are columns from 1 and there is no such line. `skip`: leave out lines that are no example (the published QQP has some).
/// Throws input_error that names file, line and field, and for a file without examples.
ExampleFile parse_examples(const std::string& text, const std::string& file, const std::vector<TaskForm>& forms,
                           bool skip = false);
/// The same of a file of at most 1 GiB.
ExampleFile read_examples(const std::filesystem::path& path, const std::vector<TaskForm>& forms, bool skip = false);

}  // namespace squat::task
