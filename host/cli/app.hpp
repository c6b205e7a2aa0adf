// SPDX-License-Identifier: Apache-2.0
// The whole command line: every sub-command under one program.
#pragma once

#include <CLI/CLI.hpp>
#include <array>
#include <memory>
#include <string>

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
/// `cli` must outlive the result. first_word: the first of the command line; where it names a command that needs no other, that
/// one is the only one, because describing the options of all takes longer than many commands work.
std::unique_ptr<CLI::App> build_app(Cli& cli, const std::string& first_word);

}  // namespace squat::cli
