// SPDX-License-Identifier: Apache-2.0
// The whole command line: every sub-command under one program.
#pragma once

#include <CLI/CLI.hpp>
#include <array>
#include <memory>

#include "host/cli/command.hpp"

namespace squat::cli {

struct ExitMeaning {
  ExitCode code;
  const char* meaning;
};
inline constexpr std::array<ExitMeaning, 7> kExitCodes = {{{ExitCode::kOk, "ok"},
                                                           {ExitCode::kCheckFailed, "a check failed"},
                                                           {ExitCode::kUsage, "usage"},
                                                           {ExitCode::kBadInput, "bad input file"},
                                                           {ExitCode::kDeviceUnavailable, "device or tool not available"},
                                                           {ExitCode::kDeviceFailed, "device hung or failed"},
                                                           {ExitCode::kInternal, "internal error"}}};

/// The program's options and sub-commands. Parsing leaves the chosen sub-command's work in `cli.action` and runs nothing;
/// `cli` must outlive the result.
std::unique_ptr<CLI::App> build_app(Cli& cli);

}  // namespace squat::cli
