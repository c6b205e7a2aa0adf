// SPDX-License-Identifier: Apache-2.0
// squat doctor: what this build and this machine can run, what is missing, and how to get it.
#include "host/cli/checks.hpp"
#include "host/cli/command.hpp"
#include "host/cli/version.hpp"

namespace squat::cli {
namespace {

ExitCode doctor(const CommonOptions& common) {
  nlohmann::ordered_json rows = nlohmann::ordered_json::array();
  bool problem = false;
  for (const Check& check : run_checks()) {
    problem = problem || check.status == "problem";
    nlohmann::ordered_json row = {{"check", check.name}, {"status", check.status}, {"found", check.found}};
    if (!check.fix.empty()) row["fix"] = check.fix;
    rows.push_back(row);
  }
  print_result({{"schema", "squat.doctor/1"}, {"version", version_text()}, {"ok", !problem}, {"checks", rows}}, common.format);
  return problem ? ExitCode::kCheckFailed : ExitCode::kOk;
}

}  // namespace

void add_doctor(CLI::App& app, Cli& cli) {
  add_command(
      app, cli, "doctor",
      "Check this build and this machine.\n"
      "Each line is ok, absent (something optional is not here) or problem, with the fix. Exit code 1 when there is a problem.",
      "squat doctor --format json", [&cli] { return doctor(cli.common); });
}

}  // namespace squat::cli
