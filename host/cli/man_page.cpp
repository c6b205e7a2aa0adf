// SPDX-License-Identifier: Apache-2.0
// squat man: the manual page, made from the options themselves. Macros: man(7).
#include <string>
#include <utility>
#include <vector>

#include "host/cli/app.hpp"
#include "host/cli/help_text.hpp"
#include "host/cli/version.hpp"

namespace squat::cli {
namespace {

const char* const kCommonGroup = "Common options";

/// Text for roff: every "-" a minus, so that options can be searched and copied; no line is taken for a request.
std::string escaped(const std::string& text) {
  std::string out;
  bool start = true;
  for (const char c : text) {
    if (start && (c == '.' || c == '\'')) out += "\\&";
    if (c == '\\')
      out += "\\e";
    else if (c == '-')
      out += "\\-";
    else
      out += c;
    start = c == '\n';
  }
  return out;
}

std::string bold(const std::string& text) { return "\\fB" + escaped(text) + "\\fR"; }
std::string italic(const std::string& text) { return "\\fI" + escaped(text) + "\\fR"; }

/// Lines of help as one paragraph.
std::string roff_paragraph(const std::string& text) {
  std::string out = text;
  for (std::size_t at = out.find('\n'); at != std::string::npos; at = out.find('\n', at + 1)) {
    const std::size_t end = out.find_first_not_of(' ', at + 1);
    out.replace(at, (end == std::string::npos ? out.size() : end) - at, " ");
  }
  return escaped(out) + "\n";
}

std::string example(const std::string& commands) {
  constexpr std::size_t kWidth = 66;
  return ".PP\n.RS 4\n.EX\n" + escaped(typed(commands, kWidth)) + ".EE\n.RE\n";
}

std::vector<const CLI::App*> commands_of(const CLI::App& app) {
  return app.get_subcommands([](const CLI::App*) { return true; });
}

/// "--colour, --color NAME", in the fonts of a manual page.
std::string heading_of(const CLI::Option& option) {
  std::string text;
  for (const std::string& name : option.get_snames()) text += (text.empty() ? "" : ", ") + bold("-" + name);
  for (const std::string& name : option.get_lnames()) text += (text.empty() ? "" : ", ") + bold("--" + name);
  if (text.empty()) return italic(option.get_name(true));
  const std::string type = option.get_type_name();
  return option.get_items_expected_max() == 0 || type.empty() ? text : text + " " + italic(type);
}

std::string option_text(const CLI::Option& option) {
  std::string text = ".TP\n" + heading_of(option) + (option.get_required() ? " (required)" : "") + "\n";
  text += roff_paragraph(option.get_description());
  if (!option.get_envname().empty()) text += "(environment: " + bold(option.get_envname()) + ")\n";
  return text;
}

/// The options of a command; the common ones alone, or all others.
std::string options_text(const CLI::App& command, bool common) {
  std::string text;
  for (const CLI::Option* option : command.get_options()) {
    if (option == command.get_help_ptr() || option->get_group().empty()) continue;
    if ((option->get_group() == kCommonGroup) == common) text += option_text(*option);
  }
  return text;
}

/// A command and, below it, those within it.
std::string command_text(const CLI::App& command, const std::string& before) {
  const std::string name = before + " " + command.get_name();
  std::string text = ".SS " + escaped(name) + "\n";
  const std::string description = command.get_description();
  const std::size_t line = description.find('\n');
  text += roff_paragraph(description.substr(0, line));
  if (line != std::string::npos) text += ".PP\n" + roff_paragraph(description.substr(line + 1));
  text += options_text(command, false);
  const std::string commands = example_of(command.get_footer());
  if (!commands.empty()) text += example(commands);
  for (const CLI::App* inner : commands_of(command)) text += command_text(*inner, name);
  return text;
}

std::string man_page(const CLI::App& app) {
  std::string text =
      ".\\\" Made by: squat man\n.TH SQUAT 1 \"\" \"squat " SQUAT_VERSION "\" \"User Commands\"\n.ad l\n.nr HY 0\n.hy 0\n";
  text += ".SH NAME\nsquat \\- run, train and compare quantised small language models\n";
  text += ".SH SYNOPSIS\n" + bold("squat") + " " + italic("COMMAND") + " [" + italic("OPTION") + " ...]\n.br\n" +
          bold("squat") + " [" + italic("COMMAND") + "] " + bold("--help") + "\n";
  text += ".SH DESCRIPTION\n" + roff_paragraph(app.get_description());
  text += "The result goes to standard output, everything else to standard error.\n";
  text += ".SH COMMON OPTIONS\nEvery command takes these, also before its name.\n" + options_text(app, true) +
          options_text(app, false);
  text += ".SH COMMANDS\n";
  for (const CLI::App* command : commands_of(app)) text += command_text(*command, "squat");
  text += ".SH EXIT STATUS\n";
  for (const ExitMeaning& one : kExitCodes) {
    text += ".TP\n" + bold(std::to_string(static_cast<int>(one.code))) + "\n" + roff_paragraph(one.meaning);
  }
  text += ".SH ENVIRONMENT\n";
  const std::vector<std::pair<const char*, const char*>> variables = {
      {"SQUAT_KERNEL", "What --kernel gives where it is not given."},
      {"SQUAT_SIM_CONFIG", "What --config gives where it is not given."},
      {"SQUAT_SIM_DDR",
       "The memory of a simulated accelerator: bytes a cycle, latency, refresh cycles, refresh period, turnaround, "
       "separated by commas."},
      {"SQUAT_ROOT", "The folder of what is loaded at run time for --device sim and fpga, instead of the installed one."},
      {"NO_COLOR", "When set and not empty, no colours."}};
  for (const auto& [name, meaning] : variables) text += ".TP\n" + bold(name) + "\n" + roff_paragraph(meaning);
  return text;
}

}  // namespace

void add_man(CLI::App& app, Cli& cli) {
  add_command(app, cli, "man",
              "Print the manual page, with every command and option.\n"
              "An installed squat has it: man squat.",
              "squat man > squat.1 && man ./squat.1", [&app, &cli] {
                if (cli.common.format == Format::kJson) {
                  print_result({{"schema", "squat.man/1"}, {"page", man_page(app)}}, Format::kJson);
                } else {
                  print_text(man_page(app));
                }
                return ExitCode::kOk;
              });
}

}  // namespace squat::cli
