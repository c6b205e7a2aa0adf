// SPDX-License-Identifier: Apache-2.0
#include "host/cli/real_number.hpp"

#include <CLI/CLI.hpp>
#include <cmath>
#include <functional>
#include <sstream>
#include <string>
#include <utility>

namespace squat::cli {
namespace {

CLI::Validator finite_number(std::string expected, std::function<bool(double)> accepts) {
  return CLI::Validator(
      [expected = std::move(expected), accepts = std::move(accepts)](std::string& text) {
        double value = 0;
        if (CLI::detail::lexical_cast(text, value) && std::isfinite(value) && accepts(value)) return std::string();
        return "expected " + expected + ", found " + text;
      },
      "");
}

}  // namespace

CLI::Validator real_from(double least, double most) {
  std::ostringstream expected;
  expected << "a number from " << least << " to " << most;
  return finite_number(expected.str(), [least, most](double value) { return value >= least && value <= most; });
}

CLI::Validator positive_real() {
  return finite_number("a number above 0", [](double value) { return value > 0; });
}

CLI::Validator non_negative_real() {
  return finite_number("a number, 0 or more", [](double value) { return value >= 0; });
}

}  // namespace squat::cli
