// SPDX-License-Identifier: Apache-2.0
// Runs the built program the way a user does: arguments in; exit code, standard output and standard error out.
#pragma once

#include <sys/wait.h>

#include <cstdlib>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "tests/host/support.hpp"

namespace squat::test {

struct CliResult {
  int code = -1;  ///< exit code, or 128 + signal
  std::string out, err;
};

inline std::string shell_quoted(const std::string& text) {
  std::string quoted = "'";
  for (const char c : text) quoted += c == '\'' ? "'\\''" : std::string(1, c);
  return quoted + "'";
}

/// `arguments` and `more` behind them.
inline std::vector<std::string> with(std::vector<std::string> arguments, const std::vector<std::string>& more) {
  arguments.insert(arguments.end(), more.begin(), more.end());
  return arguments;
}

/// Runs squat without a terminal; `redirect` is put at the end of the shell command, after the redirections of both outputs.
inline CliResult run_cli(const std::vector<std::string>& arguments, const std::string& redirect = "") {
  const TemporaryDirectory directory;
  const std::filesystem::path out = directory.path() / "out", err = directory.path() / "err";
  std::string command = shell_quoted(SQUAT_BINARY);
  for (const std::string& argument : arguments) command += " " + shell_quoted(argument);
  command += " </dev/null >" + shell_quoted(out.string()) + " 2>" + shell_quoted(err.string()) + " " + redirect;
  const int status = std::system(command.c_str());
  CliResult result;
  result.code = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
  result.out = read_bytes(out);
  result.err = read_bytes(err);
  return result;
}

/// The run ends with `code`, prints nothing on standard output, and its error contains `message`.
inline void check_fails(const std::vector<std::string>& arguments, int code, const std::string& message) {
  const CliResult result = run_cli(arguments);
  std::string shown;
  for (const std::string& argument : arguments) shown += argument + " ";
  INFO(shown << "\n" << result.err);
  CHECK(result.code == code);
  CHECK(result.out.empty());
  CHECK(result.err.find("error: ") != std::string::npos);
  CHECK(result.err.find(message) != std::string::npos);
}

/// Sets an environment variable for the programs run meanwhile.
class Variable {
 public:
  Variable(const char* name, const char* value) : name_(name) { ::setenv(name, value, 1); }
  Variable(const Variable&) = delete;
  Variable& operator=(const Variable&) = delete;
  ~Variable() { ::unsetenv(name_); }

 private:
  const char* name_;
};

/// The JSON object of a successful run. Fails the test when standard output holds anything else.
inline nlohmann::json run_json(std::vector<std::string> arguments, int code = 0) {
  arguments.insert(arguments.end(), {"--format", "json"});
  const CliResult result = run_cli(arguments);
  INFO(result.err);
  REQUIRE(result.code == code);
  nlohmann::json object = nlohmann::json::parse(result.out);
  REQUIRE(object.is_object());
  CHECK(object.at("schema") == "squat." + arguments[0] + "/1");
  return object;
}

/// The trainer is optional.
inline bool has_trainer() { return run_cli({"--help"}).out.find("\n  train ") != std::string::npos; }

inline std::filesystem::path tales() { return std::filesystem::path(SQUAT_SOURCE_DIR) / "models" / "tales"; }

/// The shipped model, quantised once per test program: 4-bit weights, mixed activations, budget rule.
inline const std::filesystem::path& quantized_tales() {
  static const TemporaryDirectory directory;
  static const std::filesystem::path path = [] {
    const std::filesystem::path out = directory.path() / "w4";
    const CliResult result =
        run_cli({"quantize", "--model", (tales() / "fp32").string(), "--calib", (tales() / "calibration.txt").string(), "--out",
                 out.string(), "--weight-bits", "4", "--activations", "mixed", "--rho", "0.5"});
    if (result.code != 0) throw std::runtime_error("quantize failed: " + result.err);
    return out;
  }();
  return path;
}

}  // namespace squat::test
