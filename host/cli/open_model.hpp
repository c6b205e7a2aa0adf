// SPDX-License-Identifier: Apache-2.0
// --model DIR for commands that run integer models.
#pragma once

#include <string>

#include "host/cli/cli11_fwd.hpp"
#include "host/cli/command.hpp"

namespace squat::cli {

/// Adds the required option --model.
CLI::Option* add_model_option(CLI::App& command, std::string& directory, const std::string& what);

/// Throws usage_error when a floating-point directory was asked to run on another device than the cpu.
void refuse_float_model(const std::string& directory, const CommonOptions& common);

}  // namespace squat::cli
