// SPDX-License-Identifier: Apache-2.0
#include "host/cli/app.hpp"

#include <sstream>
#include <string>

#include "host/cli/version.hpp"

namespace squat::cli {
namespace {

/// The list of commands shows the first line of each description.
class HelpFormatter : public CLI::Formatter {
 public:
  std::string make_subcommand(const CLI::App* command) const override {
    const std::string description = command->get_description();
    std::stringstream out;
    CLI::detail::format_help(out, command->get_name(), description.substr(0, description.find('\n')), column_width_);
    return out.str();
  }
};

/// The exit codes, broken after the fifth.
std::string exit_code_lines() {
  std::string text = "Exit codes: ";
  for (const ExitMeaning& one : kExitCodes) {
    const int code = static_cast<int>(one.code);
    text += std::to_string(code) + " " + one.meaning + (one.code == ExitCode::kInternal ? "." : code == 4 ? ",\n" : ", ");
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
  app->footer("Run 'squat COMMAND --help' for options, units, defaults and an example.\n" + exit_code_lines());
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
