// SPDX-License-Identifier: Apache-2.0
// The whole command line: every sub-command under one program.
#pragma once

#include <CLI/CLI.hpp>
#include <memory>

#include "host/cli/command.hpp"

namespace squat::cli {

/// The program's options and sub-commands. Parsing leaves the chosen sub-command's work in `cli.action` and runs nothing;
/// `cli` must outlive the result.
std::unique_ptr<CLI::App> build_app(Cli& cli);

}  // namespace squat::cli
