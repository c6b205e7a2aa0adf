// SPDX-License-Identifier: Apache-2.0
// DIR/task.json: the task that a model directory was fine-tuned for. docs/reference/model_directory.md.
#pragma once

#include <filesystem>
#include <string>

#include "host/task/task.hpp"

namespace squat::task {

inline constexpr const char* kTaskFile = "task.json";

std::string task_text(const Task& task);

/// Throws input_error when the directory has none, for anything that is no task, and for tokens outside a vocabulary of
/// `pieces`.
Task read_task(const std::filesystem::path& directory, int pieces);

}  // namespace squat::task
