// SPDX-License-Identifier: Apache-2.0
#include "host/cli/command.hpp"

#include <map>
#include <utility>

namespace squat::cli {

void add_common_options(CLI::App& app, CommonOptions& common) {
  static const std::map<std::string, Format> formats = {
      {"table", Format::kTable}, {"md", Format::kMarkdown}, {"csv", Format::kCsv}, {"json", Format::kJson}};
  app.add_option("--format", common.format, "form of the result: table, md, csv or json (default table)")
      ->type_name("NAME")
      ->transform(CLI::Transformer(formats, CLI::ignore_case).description(""))
      ->check([](const std::string& value) {
        return value.size() == 1 && value[0] >= '0' && value[0] <= '3' ? std::string() : "must be table, md, csv or json";
      })
      ->group("Common options");
  app.add_option("--threads", common.threads, "threads of the CPU device, 1..256 (default 1)")
      ->type_name("N")
      ->check(CLI::Range(1, 256).description(""))
      ->group("Common options");
  app.add_option("--seed", common.seed, "seed of everything drawn at random, 0..4294967295 (default 0)")
      ->type_name("S")
      ->group("Common options");
}

void add_device_option(CLI::App& command, CommonOptions& common) {
  command
      .add_option("--device", common.device,
                  "cpu (this machine), ref (the golden model), sim (the simulated accelerator) or fpga (a board) (default cpu)")
      ->type_name("NAME")
      ->check(CLI::IsMember({"cpu", "ref", "sim", "fpga"}).description(""));
  command
      .add_option(
          "--transport", common.transport,
          "how sim is reached: xrt (through XRT's emulation), direct (inside this process) or auto (xrt where it is built)")
      ->type_name("NAME")
      ->check(CLI::IsMember({"auto", "xrt", "direct"}).description(""));
  add_xclbin_option(command, common);
}

void add_xclbin_option(CLI::App& command, CommonOptions& common) {
  command.add_option("--xclbin", common.xclbin, "device program of the board, for --device fpga")->type_name("FILE");
}

CLI::App* add_command(CLI::App& app, Cli& cli, const std::string& name, const std::string& description,
                      const std::string& example, std::function<ExitCode()> action) {
  CLI::App* command = app.add_subcommand(name, description);
  command->footer("Example:\n  " + example);
  add_common_options(*command, cli.common);
  command->callback([&cli, run = std::move(action)] { cli.action = run; });
  return command;
}

}  // namespace squat::cli
