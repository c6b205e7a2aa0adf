// SPDX-License-Identifier: Apache-2.0
#include "sim/fake_device/fake_script.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdlib>
#include <fstream>
#include <sstream>

#include "host/model/error.hpp"

namespace squat::sim {
namespace {

const std::map<std::string, FakeAction>& actions() {
  static const std::map<std::string, FakeAction> names = {
      {"fail", FakeAction::kFail},       {"hang", FakeAction::kHang},   {"unplug", FakeAction::kUnplug},
      {"short", FakeAction::kShort},     {"flip", FakeAction::kFlip},   {"never", FakeAction::kNever},
      {"late", FakeAction::kLate},       {"error", FakeAction::kError}, {"timeout", FakeAction::kTimeout},
      {"garbage", FakeAction::kGarbage}, {"stale", FakeAction::kStale}};
  return names;
}

constexpr std::array<const char*, 11> kCalls = {"open",     "load",  "context",  "allocate", "map", "upload",
                                                "download", "start", "register", "abort",    "run"};

/// One line, word by word; an error names the line.
class Line {
 public:
  Line(const std::string& text, std::string place) : words_(text.substr(0, text.find('#'))), place_(std::move(place)) {}

  /// The next word, empty at the end.
  std::string word() {
    std::string next;
    words_ >> next;
    return next;
  }
  long number(const std::string& text, const char* what) const {
    char* end = nullptr;
    errno = 0;
    const long value = std::strtol(text.c_str(), &end, 0);
    if (text.empty() || *end != 0 || errno != 0 || value < 0) refuse(what, text);
    return value;
  }
  [[noreturn]] void refuse(const std::string& expected, const std::string& found) const {
    throw input_error(place_ + ": expected " + expected + ", found '" + found + "'; see docs/develop/driver.md");
  }

 private:
  std::istringstream words_;
  std::string place_;
};

/// "3" is the third call alone, "3+" the third and all later ones.
void parse_which(const Line& line, std::string text, FakeRule& rule) {
  rule.later = text.back() == '+';
  if (rule.later) text.pop_back();
  rule.first = static_cast<unsigned>(line.number(text, "the number of a call"));
}

FakeRule parse_rule(Line& line, std::string word) {
  FakeRule rule;
  if (word == "device") {
    rule.device = static_cast<unsigned>(line.number(line.word(), "the number of a device"));
    word = line.word();
  }
  if (std::find(kCalls.begin(), kCalls.end(), word) == kCalls.end()) line.refuse("a call, such as upload or run", word);
  rule.call = word;
  word = line.word();
  if (!word.empty() && word.front() >= '0' && word.front() <= '9') {
    parse_which(line, word, rule);
    word = line.word();
  }
  const auto action = actions().find(word);
  if (action == actions().end()) line.refuse("what happens, such as fail or never", word);
  rule.action = action->second;
  rule.number = rule.action == FakeAction::kFail ? EIO : 0;
  word = line.word();
  if (!word.empty()) rule.number = line.number(word, "a number");
  return rule;
}

}  // namespace

FakeScript FakeScript::parse(const std::string& text, const std::string& name) {
  FakeScript script;
  std::istringstream lines(text);
  std::string one;
  for (int number = 1; std::getline(lines, one); ++number) {
    Line line(one, name + " line " + std::to_string(number));
    const std::string word = line.word();
    if (word.empty()) continue;
    if (word == "devices") {
      script.devices = static_cast<unsigned>(line.number(line.word(), "how many devices"));
    } else if (word == "set") {
      const auto offset = static_cast<std::uint32_t>(line.number(line.word(), "a register offset"));
      script.registers[offset] = static_cast<std::uint32_t>(line.number(line.word(), "a register value"));
    } else {
      script.rules_.push_back(parse_rule(line, word));
    }
    if (const std::string rest = line.word(); !rest.empty()) line.refuse("the end of the line", rest);
  }
  return script;
}

FakeScript FakeScript::from_environment() {
  const char* path = std::getenv("SQUAT_FAKE_SCRIPT");
  if (path == nullptr || *path == 0) return {};
  std::ifstream file(path);
  if (!file) throw input_error(std::string("SQUAT_FAKE_SCRIPT=") + path + ": expected a readable file; check the path");
  std::ostringstream text;
  text << file.rdbuf();
  return parse(text.str(), path);
}

const FakeRule* FakeScript::next(unsigned device, const std::string& call) {
  const unsigned count = ++counts_[{device, call}];
  const auto found = std::find_if(rules_.begin(), rules_.end(), [&](const FakeRule& rule) {
    return rule.call == call && rule.device.value_or(device) == device &&
           (rule.later ? count >= rule.first : count == rule.first);
  });
  return found == rules_.end() ? nullptr : &*found;
}

}  // namespace squat::sim
