// SPDX-License-Identifier: Apache-2.0
// squat completion: a script for the shell, made from the options themselves.
#include <set>
#include <vector>

#include "host/cli/app.hpp"

namespace squat::cli {
namespace {

/// "--model --device ...", sorted.
std::string option_names(const CLI::App& command) {
  std::set<std::string> names;
  for (const CLI::Option* option : command.get_options()) {
    for (const std::string& name : option->get_lnames()) names.insert("--" + name);
  }
  std::string text;
  for (const std::string& name : names) text += (text.empty() ? "" : " ") + name;
  return text;
}

/// Options of any command that take a path of this type, as alternatives of a shell pattern.
std::string options_of_type(const CLI::App& app, const std::set<std::string>& types) {
  std::set<std::string> names;
  for (const CLI::App* command : app.get_subcommands([](const CLI::App*) { return true; })) {
    for (const CLI::Option* option : command->get_options()) {
      if (types.count(option->get_type_name()) == 0) continue;
      for (const std::string& name : option->get_lnames()) names.insert("--" + name);
    }
  }
  std::string text;
  for (const std::string& name : names) text += (text.empty() ? "" : "|") + name;
  return text;
}

std::string bash_script(const CLI::App& app) {
  std::string commands, cases;
  for (const CLI::App* command : app.get_subcommands([](const CLI::App*) { return true; })) {
    commands += (commands.empty() ? "" : " ") + command->get_name();
    cases += "    " + command->get_name() + ") words='" + option_names(*command) + "' ;;\n";
  }
  return "# Completion of squat for bash (zsh: after bashcompinit). Made by: squat completion\n"
         "_squat() {\n"
         "  local current=${COMP_WORDS[COMP_CWORD]} before=${COMP_WORDS[COMP_CWORD - 1]} words=\n"
         "  case $before in\n"
         "    " +
         options_of_type(app, {"DIR"}) +
         ") COMPREPLY=($(compgen -d -- \"$current\")); return ;;\n"
         "    " +
         options_of_type(app, {"FILE", "PATH"}) +
         ") COMPREPLY=($(compgen -f -- \"$current\")); return ;;\n"
         "    --format) COMPREPLY=($(compgen -W 'table md csv json' -- \"$current\")); return ;;\n"
         "  esac\n"
         "  case ${COMP_WORDS[1]} in\n" +
         cases + "    *) words='" + commands + " " + option_names(app) +
         "' ;;\n"
         "  esac\n"
         "  COMPREPLY=($(compgen -W \"$words\" -- \"$current\"))\n"
         "}\n"
         "complete -F _squat squat\n";
}

}  // namespace

void add_completion(CLI::App& app, Cli& cli) {
  add_command(
      app, cli, "completion",
      "Print a completion script for bash.\n"
      "Put it into a folder of bash-completion, or load it in ~/.bashrc: source <(squat completion)",
      "squat completion > ~/.local/share/bash-completion/completions/squat", [&app, &cli] {
        if (cli.common.format == Format::kJson) {
          print_result({{"schema", "squat.completion/1"}, {"shell", "bash"}, {"script", bash_script(app)}}, Format::kJson);
        } else {
          print_text(bash_script(app));
        }
        return ExitCode::kOk;
      });
}

}  // namespace squat::cli
