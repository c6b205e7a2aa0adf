// SPDX-License-Identifier: Apache-2.0
// The tasks of GLUE (Wang et al., arXiv 1804.07461) and SuperGLUE (arXiv 1905.00537) that are classification, as their files
// write them.
#pragma once

#include <string>
#include <vector>

#include "host/task/task.hpp"

namespace squat::task {

/// Forms, classes with the words that should stand for them, and metric of a task. Classes are in the order of the integer
/// labels that some publishers use. Throws usage_error for an unknown name.
const Task& known_task(const std::string& name);
std::vector<std::string> known_task_names();

}  // namespace squat::task
