// SPDX-License-Identifier: Apache-2.0
#include "host/cli/app.hpp"

#include <algorithm>
#include <iterator>
#include <string>

#include "host/cli/help_text.hpp"
#include "host/cli/version.hpp"

namespace squat::cli {
namespace {

std::string exit_codes() {
  std::string text = "Exit codes:";
  for (const ExitMeaning& one : kExitCodes) {
    text += " " + std::to_string(static_cast<int>(one.code)) + " " + one.meaning + (&one == &kExitCodes.back() ? "." : ",");
  }
  return text;
}

struct Command {
  const char* name;
  void (*add)(CLI::App& app, Cli& cli);
  bool shows_all = false;  ///< what it prints is made from all commands
};

/// In the order of the help.
constexpr Command kCommands[] = {
#ifdef SQUAT_HAVE_TRAINER
    {"train", add_train},
    {"qat", add_qat},
    {"finetune", add_finetune},
#endif
    {"quantize", add_quantize},
    {"generate", add_generate},
    {"eval", add_eval},
    {"bench", add_bench},
    {"compare", add_compare},
    {"verify", add_verify},
    {"analyze", add_analyze},
    {"report", add_report},
    {"inspect", add_inspect},
    {"doctor", add_doctor},
    {"completion", add_completion, true},
    {"man", add_man, true},
};

}  // namespace

std::unique_ptr<CLI::App> build_app(Cli& cli, const std::string& first_word) {
  auto app = std::make_unique<CLI::App>(
      "Quantised small language models, integers only at inference, bit-identical on CPU and FPGA.", "squat");
  app->formatter(std::make_shared<HelpFormatter>());
  app->set_version_flag("--version", version_text());
  app->require_subcommand(1);
  app->footer("Run 'squat COMMAND --help' for options, units, defaults and an example.\n" + filled(exit_codes(), kHelpColumns));
  add_common_options(*app, cli.common);
  const auto chosen = std::find_if(std::begin(kCommands), std::end(kCommands),
                                   [&](const Command& command) { return command.name == first_word; });
  const bool alone = chosen != std::end(kCommands) && !chosen->shows_all;
  for (const Command& command : kCommands) {
    if (!alone || &command == chosen) command.add(*app, cli);
  }
  return app;
}

}  // namespace squat::cli
