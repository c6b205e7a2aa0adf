// SPDX-License-Identifier: Apache-2.0
// From the labels that a file writes to the classes of a task.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "host/task/example_file.hpp"
#include "host/task/task.hpp"

namespace squat::task {

/// Index of the class of this name; of two classes without a number for a name also true and false are the second and the
/// first, and where no class has a number for a name an integer is the index itself. -1 for other labels.
int class_of(const std::vector<TaskClass>& classes, const std::string& label);

/// Sets every example's target. Throws input_error that names file, line and field, or leaves the example out in a file that
/// skips.
void assign_classes(ExampleFile& file, const std::string& label_field, const std::vector<TaskClass>& classes);

/// Leaves the first `most` examples; negative: all.
void keep_first(ExampleFile& file, int most);

/// Reads the first `most` examples (negative: all) of a file of this task and assigns their classes.
ExampleFile open_examples(const std::filesystem::path& path, const Task& task, bool skip, int most);

/// The labels that occur: integers by value, others by their bytes. Throws input_error unless there are 2 to kMaxClasses.
std::vector<std::string> labels_of(const ExampleFile& file, const std::string& label_field);

}  // namespace squat::task
