// SPDX-License-Identifier: Apache-2.0
#include "hls/elaborate/recorded.hpp"

namespace squat::elaborate {
namespace {
Module* current_module = nullptr;
}

std::string type_text(int width, bool is_signed, const std::string& kind) {
  return kind + (is_signed ? " signed " : " ") + "[" + std::to_string(width - 1) + ":0]";
}

Module::Module(std::string name) : name_(std::move(name)) { current_module = this; }
Module::~Module() { current_module = nullptr; }
Module& Module::current() { return *current_module; }

std::string Module::wire(int width, bool is_signed, const std::string& expression) {
  const std::string name = "n" + std::to_string(wires_++);
  lines_.push_back("  " + type_text(width, is_signed, "wire") + " " + name + " = " + expression + ";");
  return name;
}

std::string Module::text(const std::string& comment) const {
  std::string text = "// " + comment + "\nmodule " + name_ + " (";
  for (std::size_t i = 0; i < ports_.size(); ++i) text += (i == 0 ? "\n  " : ",\n  ") + ports_[i];
  text += "\n);\n";
  for (const std::string& line : lines_) text += line + "\n";
  return text + "endmodule\n";
}

}  // namespace squat::elaborate
