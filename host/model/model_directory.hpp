// SPDX-License-Identifier: Apache-2.0
// A model directory of either kind, and writing a complete one.
#pragma once

#include <filesystem>
#include <string_view>
#include <variant>

#include "host/model/float_model.hpp"
#include "host/model/integer_model.hpp"

namespace squat::model {

/// What a directory held: a float model from the hub or the trainer, or an integer model written by squat.
struct LoadedModel {
  std::filesystem::path directory;
  std::variant<FloatModel, IntegerModel> model;

  const FloatModel* real() const { return std::get_if<FloatModel>(&model); }
  const IntegerModel* integer() const { return std::get_if<IntegerModel>(&model); }
  const ModelConfig& config() const { return real() ? real()->config : integer()->config; }
};

/// Tells the kinds apart by quantization_config in config.json. Throws input_error for anything it cannot run.
LoadedModel load_model_directory(const std::filesystem::path& directory);

/// Of integer models only: throws usage_error for a floating-point directory, naming the command that makes an integer one.
IntegerModel load_integer_model(const std::filesystem::path& directory);

/// Writes a complete model directory that appears at once or not at all (see StagedDirectory). The tokenizer (as
/// tokenizer.model or tokenizer.json), generation_config.json and task.json are copied from `source` when it has them; an empty
/// source copies nothing. `task`: the text of task.json instead of the source's; empty: none.
void write_model_directory(const IntegerModel& model, const std::filesystem::path& target, const std::filesystem::path& source,
                           std::string_view task = {});
void write_model_directory(const FloatModel& model, const std::filesystem::path& target, const std::filesystem::path& source,
                           StoredAs stored = StoredAs::kFloat32, std::string_view task = {});

}  // namespace squat::model
