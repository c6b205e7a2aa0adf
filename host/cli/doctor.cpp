// SPDX-License-Identifier: Apache-2.0
// squat doctor: what this build and this machine can run, what is missing, and how to get it.
#include <CLI/CLI.hpp>
#include <memory>

#include "host/cli/checks.hpp"
#include "host/cli/command.hpp"
#include "host/cli/version.hpp"

namespace squat::cli {
namespace {

ExitCode doctor(const CommonOptions& common, const std::string& xclbin) {
  nlohmann::ordered_json rows = nlohmann::ordered_json::array();
  bool problem = false;
  for (const Check& check : run_checks(xclbin)) {
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
  auto xclbin = std::make_shared<std::string>();
  CLI::App* command = add_command(app, cli, "doctor",
                                  "Check this build and this machine.\n"
                                  "Each line is ok, absent (something optional is not here) or problem, with the fix. Exit "
                                  "code 1 when there is a problem.\n"
                                  "Every check has a limit (5 s, devices 60 s, the simulation 120 s) and a process of its own: "
                                  "one that hangs or crashes is a problem.",
                                  "squat doctor --format json", [&cli, xclbin] { return doctor(cli.common, *xclbin); });
  command
      ->add_option("--xclbin", *xclbin, "device program to check against this program and machine; the board is opened with it")
      ->type_name("FILE");
}

}  // namespace squat::cli
