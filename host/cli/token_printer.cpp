// SPDX-License-Identifier: Apache-2.0
#include "host/cli/token_printer.hpp"

#include <unistd.h>

#include <cstdlib>
#include <iostream>

#include "host/cli/progress.hpp"
#include "host/model/error.hpp"

namespace squat::cli {
namespace {

const char* colour_of(int eight, int layers) {
  if (3 * eight >= 2 * layers) return "\033[36m";  // cyan
  return 3 * eight <= layers ? "\033[33m" : "\033[35m";
}

}  // namespace

bool colours_allowed() {
  const char* none = std::getenv("NO_COLOR");
  const char* terminal = std::getenv("TERM");
  return (none == nullptr || *none == '\0') && ::isatty(STDOUT_FILENO) == 1 && terminal != nullptr &&
         std::string(terminal) != "dumb";
}

std::string harmless(const std::string& text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const auto byte = static_cast<unsigned char>(text[i]);
    // C1 controls are U+0080..U+009F: the bytes C2 80 .. C2 9F.
    const bool c1 = byte == 0xc2 && i + 1 < text.size() && static_cast<unsigned char>(text[i + 1]) < 0xa0;
    if (c1 || byte == 0x7f || (byte < 0x20 && byte != '\n' && byte != '\t')) {
      out += "\xef\xbf\xbd";
      if (c1) ++i;
    } else {
      out += text[i];
    }
  }
  return out;
}

void TokenPrinter::print(const std::string& text, std::optional<int> eight_bit_layers) const {
  clear_progress();
  const std::string shown = harmless(text);
  if (colours_ && eight_bit_layers && !shown.empty()) {
    std::cout << colour_of(*eight_bit_layers, layers_) << shown << "\033[0m";
  } else {
    std::cout << shown;
  }
  std::cout.flush();
  if (!std::cout) throw input_error("standard output cannot be written; is the disk full or the pipe closed?");
}

}  // namespace squat::cli
