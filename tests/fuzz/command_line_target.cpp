// SPDX-License-Identifier: Apache-2.0
// The command line: parsing only, as running commands would write files that a fuzzer names.
#include <sstream>
#include <stdexcept>

#include "host/cli/app.hpp"
#include "tests/fuzz/targets.hpp"

namespace squat::fuzz {

void command_line(const std::string& bytes) {
  std::vector<std::string> words{"squat"};
  std::istringstream lines(bytes);
  for (std::string line; std::getline(lines, line) && words.size() < 64;) words.push_back(line.substr(0, line.find('\0')));
  std::vector<const char*> arguments;
  for (const std::string& word : words) arguments.push_back(word.c_str());
  cli::Cli command;
  try {
    cli::build_app(command, words.size() > 1 ? words[1] : "")->parse(static_cast<int>(arguments.size()), arguments.data());
  } catch (const CLI::ParseError&) {
    throw usage_error("refused");  // with exit code 2, or the text of --help; main() tells them apart
  }
  if (!command.action) throw std::logic_error("accepted, but there is nothing to do");
}

}  // namespace squat::fuzz
