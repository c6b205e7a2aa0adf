// SPDX-License-Identifier: Apache-2.0
#include "host/cli/app.hpp"

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

}  // namespace

std::unique_ptr<CLI::App> build_app(Cli& cli) {
  auto app = std::make_unique<CLI::App>(
      "Quantised small language models, integers only at inference, bit-identical on CPU and FPGA.", "squat");
  app->formatter(std::make_shared<HelpFormatter>());
  app->set_version_flag("--version", version_text());
  app->require_subcommand(1);
  app->footer("Run 'squat COMMAND --help' for options, units, defaults and an example.\n" + filled(exit_codes(), kHelpColumns));
  add_common_options(*app, cli.common);
#ifdef SQUAT_HAVE_TRAINER
  add_train(*app, cli);
  add_qat(*app, cli);
  add_finetune(*app, cli);
#endif
  add_quantize(*app, cli);
  add_generate(*app, cli);
  add_eval(*app, cli);
  add_bench(*app, cli);
  add_compare(*app, cli);
  add_verify(*app, cli);
  add_analyze(*app, cli);
  add_report(*app, cli);
  add_inspect(*app, cli);
  add_doctor(*app, cli);
  add_completion(*app, cli);
  add_man(*app, cli);
  return app;
}

}  // namespace squat::cli
