// SPDX-License-Identifier: Apache-2.0
// What is behind a Model.
#pragma once

#include <filesystem>
#include <optional>

#include "host/model/integer_model.hpp"
#include "host/model/tokenizer.hpp"
#include "host/squat/model.hpp"

namespace squat {

struct Model::Impl {
  std::filesystem::path directory;
  model::IntegerModel integers;
  std::optional<model::Tokenizer> tokenizer;
  ModelConfig config;
};

}  // namespace squat
