// SPDX-License-Identifier: Apache-2.0
// Streamed text on standard output, coloured by the widths of its tokens where that is wanted and a terminal shows it.
#pragma once

#include <optional>
#include <string>

namespace squat::cli {

/// Whether standard output takes colours: a terminal other than "dumb", and NO_COLOR (https://no-color.org) unset or empty.
bool colours_allowed();

/// Control characters of a token, which could drive the terminal, as U+FFFD; line ends and tabs stay.
std::string harmless(const std::string& text);

class TokenPrinter {
 public:
  /// `colours`: cyan for tokens with 8 bits in two thirds of the `layers` or more, yellow for a third or less, magenta between.
  TokenPrinter(bool colours, int layers) : colours_(colours), layers_(layers) {}

  /// Shows it at once.
  void print(const std::string& text, std::optional<int> eight_bit_layers) const;

 private:
  bool colours_;
  int layers_;
};

}  // namespace squat::cli
