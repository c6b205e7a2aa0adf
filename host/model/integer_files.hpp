// SPDX-License-Identifier: Apache-2.0
// The file form of an integer model: docs/reference/model_directory.md.
#pragma once

#include <filesystem>

#include "host/model/integer_model.hpp"

namespace squat::model {

/// Writes config.json and model.safetensors into an existing directory, usually StagedDirectory::path().
/// The model must pass check_integer_model.
void write_integer_model(const IntegerModel& model, const std::filesystem::path& directory);

/// Reads them back. Throws input_error naming file, tensor and field for everything that is missing, extra, damaged
/// or out of range.
IntegerModel read_integer_model(const std::filesystem::path& directory);

}  // namespace squat::model
