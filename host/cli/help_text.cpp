// SPDX-License-Identifier: Apache-2.0
#include "host/cli/help_text.hpp"

#include <sstream>

namespace squat::cli {
namespace {

/// A first line, and the rest as one paragraph.
std::string paragraph(const std::string& text) {
  const std::size_t line = text.find('\n');
  std::string out = filled(text.substr(0, line), kHelpColumns) + "\n";
  if (line != std::string::npos && line + 1 < text.size()) out += filled(text.substr(line + 1), kHelpColumns) + "\n";
  return out;
}

const std::string kExample = "Example:\n";

}  // namespace

std::string filled(const std::string& text, std::size_t width) {
  std::string out;
  std::size_t column = 0;
  std::istringstream words(text);
  for (std::string word; words >> word;) {
    const bool fits = column + 1 + word.size() <= width;
    if (column > 0) out += fits ? ' ' : '\n';
    column = column > 0 && fits ? column + 1 + word.size() : word.size();
    out += word;
  }
  return out;
}

std::string typed(const std::string& text, std::size_t width) {
  std::string whole = text;
  for (std::size_t at = whole.find("\\\n"); at != std::string::npos; at = whole.find("\\\n")) {
    whole.replace(at, whole.find_first_not_of(' ', at + 2) - at, "");
  }
  std::string out;
  std::istringstream lines(whole);
  for (std::string line; std::getline(lines, line);) {
    line.erase(0, line.find_first_not_of(' '));
    std::size_t cut = line.rfind(" --", width);
    while (line.size() > width && cut != std::string::npos && line.find_first_not_of(' ') < cut) {
      out += line.substr(0, cut) + " \\\n";
      line = "   " + line.substr(cut);
      cut = line.rfind(" --", width);
    }
    out += line + "\n";
  }
  return out;
}

std::string example_of(const std::string& footer) {
  if (footer.compare(0, kExample.size(), kExample) != 0) return "";
  std::size_t end = footer.find('\n', kExample.size());
  while (end != std::string::npos && footer.compare(end + 1, 2, "  ") == 0) end = footer.find('\n', end + 1);
  return footer.substr(kExample.size(), end == std::string::npos ? end : end - kExample.size());
}

std::string HelpFormatter::make_description(const CLI::App* command) const {
  return paragraph(CLI::Formatter::make_description(command));
}

std::string HelpFormatter::make_subcommand(const CLI::App* command) const {
  const std::string description = command->get_description();
  std::stringstream out;
  CLI::detail::format_help(out, command->get_name(),
                           filled(description.substr(0, description.find('\n')), kHelpColumns - column_width_), column_width_);
  return out.str();
}

std::string HelpFormatter::make_option_desc(const CLI::Option* option) const {
  return filled(CLI::Formatter::make_option_desc(option), kHelpColumns - column_width_);
}

std::string HelpFormatter::make_footer(const CLI::App* command) const {
  static const std::string kIndent = "  ";
  const std::string text = command->get_footer(), commands = example_of(text);
  if (commands.empty()) return CLI::Formatter::make_footer(command);
  std::string out = kExample;
  std::istringstream lines(typed(commands, kHelpColumns - kIndent.size() - 2));  // 2: the " \\" of a line that goes on
  for (std::string line; std::getline(lines, line);) out += kIndent + line + "\n";
  const std::size_t rest = kExample.size() + commands.size() + 1;
  return rest < text.size() ? out + text.substr(rest) + "\n" : out;
}

}  // namespace squat::cli
