// SPDX-License-Identifier: Apache-2.0
// Texts of --help and the manual page, in lines that fit a terminal.
#pragma once

#include <CLI/CLI.hpp>
#include <cstddef>
#include <string>

namespace squat::cli {

inline constexpr std::size_t kHelpColumns = 80;

/// The words of a text in lines of at most `width` columns; a longer word has a line of its own.
std::string filled(const std::string& text, std::size_t width);

/// Commands as they are typed, one per line of `text` ("\\" at its end continues one), broken before an option where a line
/// would be wider. Every line ends with "\n"; those that continue another are indented.
std::string typed(const std::string& text, std::size_t width);

/// The indented lines that follow "Example:" at the beginning of a footer; empty when there are none.
std::string example_of(const std::string& footer);

/// --help in 80 columns. The list of commands shows the first line of each description.
class HelpFormatter : public CLI::Formatter {
 public:
  std::string make_description(const CLI::App* command) const override;
  std::string make_subcommand(const CLI::App* command) const override;
  std::string make_option_desc(const CLI::Option* option) const override;
  std::string make_footer(const CLI::App* command) const override;
};

}  // namespace squat::cli
