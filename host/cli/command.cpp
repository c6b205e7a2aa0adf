// SPDX-License-Identifier: Apache-2.0
#include "host/cli/command.hpp"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <chrono>
#include <limits>
#include <map>
#include <utility>
#include <vector>

#include "host/backends/xrt/simulation_options.hpp"
#include "host/cli/real_number.hpp"
#include "hw/gen/squat_spec.hpp"

namespace squat::cli {

namespace {

const std::map<std::string, Format>& formats() {
  static const std::map<std::string, Format> names = {
      {"table", Format::kTable}, {"md", Format::kMarkdown}, {"csv", Format::kCsv}, {"json", Format::kJson}};
  return names;
}

/// "sim (16 x 16 cells), ..."
std::string configurations() {
  std::string text;
  for (const spec::Config& config : spec::kConfigs) {
    text += (text.empty() ? "" : ", ") + std::string(config.name) + " (" + std::to_string(config.rows) + " x " +
            std::to_string(config.columns) + " cells)";
  }
  return text;
}

/// An empty path, usually an unset shell variable, would only fail later with "no such file".
void refuse_empty_paths(const CLI::App& command) {
  for (const CLI::Option* option : command.get_options()) {
    const std::string type = option->get_type_name();
    if (type != "DIR" && type != "FILE" && type != "PATH") continue;
    const std::vector<std::string>& given = option->results();
    if (std::find(given.begin(), given.end(), "") != given.end()) {
      throw CLI::ValidationError(option->get_name(), "expected a path, found an empty text");
    }
  }
}

}  // namespace

void add_common_options(CLI::App& app, CommonOptions& common) {
  app.add_option_function<std::string>(
         "--format", [&common](const std::string& name) { common.format = formats().at(name); },
         "form of the result: table, md, csv or json (default table)")
      ->type_name("NAME")
      ->check(CLI::IsMember({"table", "md", "csv", "json"}).description(""))
      ->group("Common options");
  app.add_option("--threads", common.threads, "threads of the CPU device, 1..256 (default 1)")
      ->type_name("N")
      ->check(CLI::Range(1, 256).description(""))
      ->group("Common options");
  app.add_option("--kernel", common.kernel,
                 "instruction set of the CPU device; squat doctor lists those of this build (default auto: the fastest)")
      ->type_name("NAME")
      ->envname("SQUAT_KERNEL")
      ->group("Common options");
  app.add_option("--seed", common.seed, "seed of everything drawn at random, 0..4294967295 (default 0)")
      ->type_name("S")
      ->check(CLI::Range(std::uint32_t{0}, std::numeric_limits<std::uint32_t>::max()).description(""))
      ->group("Common options");
}

CLI::Validator computing_device() {
  const CLI::Validator known = CLI::IsMember({"cpu", "ref", "sim", "fpga"}).description("");
  return CLI::Validator(
      [known](std::string& name) -> std::string {
        if (name == "arm-model")
          return "arm-model predicts times; only squat bench and squat compare take it, here give cpu, ref, sim or fpga";
        if (name == "estimate")
          return "estimate predicts cycles and computes nothing; only squat bench and squat compare take it, "
                 "here give cpu, ref, sim or fpga";
        return known(name);
      },
      "");
}

void add_device_option(CLI::App& command, CommonOptions& common) {
  command
      .add_option("--device", common.device,
                  "cpu (this machine), ref (the golden model), sim (the simulated accelerator) or fpga (a board) (default cpu)")
      ->type_name("NAME")
      ->check(computing_device());
  add_accelerator_options(command, common);
}

void add_accelerator_options(CLI::App& command, CommonOptions& common) {
  command
      .add_option("--config", common.config,
                  "which accelerator sim and estimate stand for: " + configurations() + " (default sim)")
      ->type_name("NAME")
      ->check(CLI::IsMember(backends::configuration_names()).description(""));
  add_transport_options(command, common);
}

void add_configs_option(CLI::App& command, std::vector<std::string>& configs) {
  add_list_option(command, "--config", configs,
                  "which accelerators sim and estimate stand for, separated by commas: " + configurations() + " (default sim)",
                  backends::configuration_names());
}

void add_transport_options(CLI::App& command, CommonOptions& common) {
  command
      .add_option(
          "--transport", common.transport,
          "how sim is reached: xrt (through XRT's emulation), direct (inside this process) or auto (xrt where it is built)")
      ->type_name("NAME")
      ->check(CLI::IsMember({"auto", "xrt", "direct"}).description(""));
  command
      .add_option("--xclbin", common.xclbin,
                  "device program: the board's for fpga (needed); for sim through xrt another emulation xclbin")
      ->type_name("FILE");
  command
      .add_option(
          "--devices", common.numbers,
          "numbers of the accelerators as XRT counts them, separated by commas; eval and bench take several (default 0)")
      ->type_name("NUMBERS")
      ->delimiter(',')
      ->check(CLI::Range(0, 15).description(""));
  command
      .add_option_function<double>(
          "--time-limit",
          [&common](double seconds) {
            common.time_limit = std::chrono::milliseconds(static_cast<std::chrono::milliseconds::rep>(seconds * 1000));
          },
          "longest wait for one answer of an accelerator, in seconds (default: by the work it was given)")
      ->type_name("S")
      ->check(real_from(0.1, 86400.0));
}

void add_list_option(CLI::App& command, const std::string& flag, std::vector<std::string>& names,
                     const std::string& description, const std::vector<std::string>& known) {
  command
      .add_option_function<std::vector<std::string>>(
          flag,
          [&names](const std::vector<std::string>& given) {
            for (const std::string& name : given) {
              if (std::find(names.begin(), names.end(), name) == names.end()) names.push_back(name);
            }
          },
          description)
      ->type_name("NAMES")
      ->delimiter(',')
      ->check(CLI::IsMember(known).description(""));
}

CLI::App* add_command(CLI::App& app, Cli& cli, const std::string& name, const std::string& description,
                      const std::string& example, std::function<ExitCode()> action) {
  CLI::App* command = app.add_subcommand(name, description);
  command->footer("Example:\n  " + example);
  add_common_options(*command, cli.common);
  command->callback([&cli, command, run = std::move(action)] {
    refuse_empty_paths(*command);
    cli.action = run;
  });
  return command;
}

}  // namespace squat::cli
