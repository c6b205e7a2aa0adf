// SPDX-License-Identifier: Apache-2.0
// squat: the one place where errors become messages and exit codes.
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <iostream>
#include <memory>
#include <string>
#include <vector>

#include "host/backends/xrt/device_thread.hpp"
#include "host/cli/app.hpp"
#include "host/cli/stop_signals.hpp"
#include "host/cli/version.hpp"
#include "host/model/error_in_flight.hpp"

namespace {

using squat::ExitCode;

int fail(ExitCode code, const std::string& text) {
  std::cerr << "error: " << text << '\n';
  return static_cast<int>(code);
}

std::string command_names(CLI::App& app) {
  std::string names;
  for (const CLI::App* command : app.get_subcommands([](CLI::App*) { return true; })) {
    names += (names.empty() ? "" : ", ") + command->get_name();
  }
  return names;
}

/// CLI11 only says that a subcommand is required, even when one was misspelt.
int fail_usage(CLI::App& program, const CLI::ParseError& error) {
  CLI::App* last = &program;  // the innermost command that was understood
  std::string name = "squat";
  while (!last->get_subcommands().empty()) {
    last = last->get_subcommands().front();
    name += " " + last->get_name();
  }
  CLI::App& app = *last;
  const std::string help = "; see " + name + " --help";
  if (command_names(app).empty()) return fail(ExitCode::kUsage, error.what() + help);
  const std::vector<std::string> rest = app.remaining();
  const auto word =
      std::find_if(rest.begin(), rest.end(), [](const std::string& text) { return text.compare(0, 1, "-") != 0; });
  if (word != rest.end()) {
#ifndef SQUAT_HAVE_TRAINER
    if (*word == "train" || *word == "qat" || *word == "finetune") {
      return fail(ExitCode::kDeviceUnavailable,
                  "this squat was built without the trainer; install Eigen (Debian: libeigen3-dev) and build again");
    }
#endif
    return fail(ExitCode::kUsage,
                "unknown command '" + *word + "'; the commands of " + name + " are " + command_names(app) + help);
  }
  if (!rest.empty()) return fail(ExitCode::kUsage, "unknown option '" + rest.front() + "'" + help);
  if (dynamic_cast<const CLI::RequiredError*>(&error) != nullptr) {
    return fail(ExitCode::kUsage, "no command given; the commands of " + name + " are " + command_names(app) + help);
  }
  return fail(ExitCode::kUsage, error.what() + help);
}

int run(int argc, char** argv) {
  squat::cli::Cli cli;
  squat::cli::set_command_line(
      squat::cli::shell_line("squat", std::vector<std::string>(argv + std::min(argc, 1), argv + argc)));
  const std::unique_ptr<CLI::App> built = squat::cli::build_app(cli, argc > 1 ? argv[1] : "");
  CLI::App& app = *built;
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    const bool unknown = app.get_subcommands().empty() && !app.remaining().empty();
    if (error.get_exit_code() == 0 && !unknown) return app.exit(error, std::cout, std::cerr);  // --help and --version
    return fail_usage(app, error);
  }
  return static_cast<int>(cli.action());
}

/// Errors as exit codes.
int guarded_run(int argc, char** argv) {
  try {
    return run(argc, argv);
  } catch (...) {
    const squat::Error error = squat::error_in_flight();
    fail(error.code(), error.what());
    const int signal = squat::cli::stop_signal();
    return signal != 0 ? 128 + signal : static_cast<int>(error.code());
  }
}

}  // namespace

int main(int argc, char** argv) {
  const int code = guarded_run(argc, argv);
  if (!squat::backends::DeviceThread::any_left_behind()) return code;
  // A driver that did not return holds locks that its destructors would wait for.
  std::cout.flush();
  std::fflush(nullptr);
  ::_exit(code);
}
