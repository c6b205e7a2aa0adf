// SPDX-License-Identifier: Apache-2.0
// What every sub-command shares: the common options and how it is registered. One file per sub-command implements add_NAME.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "host/cli/cli11_fwd.hpp"
#include "host/cli/output.hpp"
#include "host/devices/device_options.hpp"
#include "host/model/error.hpp"

namespace squat::cli {

struct CommonOptions : devices::DeviceOptions {
  Format format = Format::kTable;
  std::uint32_t seed = 0;
  std::string device = "cpu";
};

/// The command line under construction; the chosen sub-command leaves its work in `action`.
struct Cli {
  CommonOptions common;
  std::function<ExitCode()> action;
};

/// Registers a sub-command with the common options; `example` is shown at the end of its help.
CLI::App* add_command(CLI::App& app, Cli& cli, const std::string& name, const std::string& description,
                      const std::string& example, std::function<ExitCode()> action);

/// --threads, --seed and --format; also accepted before the sub-command.
void add_common_options(CLI::App& app, CommonOptions& common);
/// The names of --device that compute: cpu, ref, sim, fpga. Refuses estimate with what it is for.
CLI::Validator computing_device();
/// --device and the options below, for commands that run a model on one device.
void add_device_option(CLI::App& command, CommonOptions& common);
/// --config, --transport, --xclbin, --devices and --time-limit, for every command that can reach an accelerator.
void add_accelerator_options(CLI::App& command, CommonOptions& common);
/// --transport and --xclbin alone.
void add_transport_options(CLI::App& command, CommonOptions& common);
/// --config as a list, for commands that take several accelerators in one run.
void add_configs_option(CLI::App& command, std::vector<std::string>& configs);
/// An option that takes a list of the known names, separated by commas; a name given twice counts once.
void add_list_option(CLI::App& command, const std::string& flag, std::vector<std::string>& names,
                     const std::string& description, const std::vector<std::string>& known);

void add_analyze(CLI::App& app, Cli& cli);
void add_bench(CLI::App& app, Cli& cli);
void add_compare(CLI::App& app, Cli& cli);
void add_completion(CLI::App& app, Cli& cli);
void add_doctor(CLI::App& app, Cli& cli);
void add_eval(CLI::App& app, Cli& cli);
void add_generate(CLI::App& app, Cli& cli);
void add_inspect(CLI::App& app, Cli& cli);
void add_man(CLI::App& app, Cli& cli);
void add_report(CLI::App& app, Cli& cli);
void add_quantize(CLI::App& app, Cli& cli);
void add_verify(CLI::App& app, Cli& cli);
// Only where the trainer was built (SQUAT_HAVE_TRAINER).
void add_finetune(CLI::App& app, Cli& cli);
void add_qat(CLI::App& app, Cli& cli);
void add_train(CLI::App& app, Cli& cli);

}  // namespace squat::cli
